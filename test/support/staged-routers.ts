import type { Random } from "./random.ts";
import { type RouterPlan, SimulatedRouters } from "./simulated-routers.ts";

/** `10.STAGE.ANY.ROUTER` is 10.STAGE.0.ROUTER. */
export const routerOf = (address: string): string => address.replace(/^(10\.\d+)\.\d+\./, "$1.0.");

/** Stages of equal routers, all of one lead to all of the next; `silent` ones answer nobody. */
export function stages(
  random: Random,
  widths: readonly number[],
  silent: readonly string[] = [],
  answersFrom: "one" | "incoming" | "outgoing" = "one",
): SimulatedRouters {
  const plan: Record<string, RouterPlan> = {};
  widths.forEach((width, stage) => {
    const next = Array.from(
      { length: widths[stage + 1] ?? 0 },
      (_, at) => `10.${stage + 1}.0.${at}`,
    );
    const before = Array.from({ length: widths[stage - 1] ?? 0 }, (_, at) => at);
    for (let at = 0; at < width; at += 1) {
      const own = `10.${stage}.0.${at}`;
      const facing = before.map((from) => `10.${stage}.${from}.${at}`);
      const incoming = new Map(
        before.map((from, index) => [`10.${stage - 1}.0.${from}`, facing[index] ?? own]),
      );
      const addresses = { one: [own], incoming, outgoing: facing.length > 0 ? facing : [own] };
      plan[own] = {
        next,
        addresses: addresses[answersFrom],
        answering: silent.includes(own) ? "never" : "linux",
      };
    }
  });
  return new SimulatedRouters(plan, "198.51.100.200", random.between(0, 2 ** 31));
}
