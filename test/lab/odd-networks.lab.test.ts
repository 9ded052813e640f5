//                ┌─ r2 ─┐
//  client ── r1 ─┼─ r3 ─┼─ r6 ── vip
//                ├─ r4 ─┤
//                └─ r5 ─┘
// Networks with one oddity each. What the routers recorded is the truth.
import { describe, inject, it } from "vitest";
import { addressesOf, dropAllButFirst } from "../blind/link-faults.ts";
import { Daemon } from "./daemon.ts";
import { dropEarly } from "./faults.ts";
import { Lab } from "./lab.ts";
import { type OddView, oddView, PORT, QUICK } from "./odd-view.ts";
import { until } from "./processes.ts";
import { startService } from "./services.ts";
import { spray } from "./spray.ts";
import { story, vipOf } from "./topologies.ts";
import { Watch } from "./watch.ts";

const WITHIN_MS = 75_000;
/** A start that shows nothing of it within this time is followed by another, so many in all. */
const TOLD_WITHIN_MS = 50_000;
const STARTS = 3;
const CASES = ([4, 6] as const).flatMap((family) =>
  (["interface", "outgoing"] as const).map((answersFrom) => ({ family, answersFrom })),
);

/** A network of its own for one test, with the service running. */
async function inLab(
  options: (typeof CASES)[number],
  test: (lab: Lab, host: string) => Promise<void>,
  routers = 4,
): Promise<void> {
  const lab = await Lab.build(story(routers, { ...options, hostAccess: ["client"] }));
  try {
    await startService(lab, "vip", "tcp", PORT);
    await test(lab, vipOf(options));
  } finally {
    await lab.destroy();
  }
}

describe.skipIf(inject("labMissing") !== "").concurrent.each(CASES)(
  "an odd network over IPv$family, answers from $answersFrom:",
  (options) => {
    it("a router passes SYN and drops what follows: exactly its flows are unfinished", ({
      expect,
    }) =>
      inLab(options, async (lab, host) => {
        const targets = [{ name: "tcp", host, port: PORT, protocol: "tcp" }];
        const daemon = await Daemon.start(lab, "client", { probe: QUICK, targets });
        const watch = new Watch(daemon, "tcp");
        await watch.allUp(QUICK.flow_buckets, WITHIN_MS);
        await until(
          async () => (await oddView(daemon, "tcp")).flows.every(({ path }) => path !== null),
          {
            limitMs: WITHIN_MS,
            what: "every path is known",
          },
        );
        const fault = await dropAllButFirst(lab, "r4");
        const crossing = async (): Promise<number[]> => {
          const truth = await lab.truth("r4").ports();
          const own = (await oddView(daemon, "tcp")).flows.map((flow) => flow.source_port);
          return own.filter((port) => truth.has(port)).sort();
        };
        const failing = ({ flows }: OddView): number[] =>
          flows
            .filter(({ state }) => state === "failing")
            .map((flow) => flow.source_port)
            .sort();
        let seen = await oddView(daemon, "tcp");
        await until(
          async () => {
            seen = await oddView(daemon, "tcp");
            return (
              seen.verdict === "path_fault" &&
              seen.suspects.length === 1 &&
              failing(seen).join() === (await crossing()).join()
            );
          },
          {
            limitMs: WITHIN_MS,
            what: () => JSON.stringify({ ...seen, flows: failing(seen) }, undefined, 1),
          },
        );
        for (const flow of seen.flows)
          if (flow.state === "failing") expect(flow.last_result).toBe("unfinished");
        expect(addressesOf(lab, "r4")).toContain(seen.suspects[0]?.name);
        await fault.heal();
        await watch.allUp(QUICK.flow_buckets, WITHIN_MS);
        await daemon.stop();
      }));

    it.runIf(options.family === 4)(
      "one of two branches dies over which packets are spread one by one: it is the one suspect",
      ({ expect }) =>
        inLab(
          options,
          async (lab, host) => {
            await spray(lab, "r1");
            const targets = [{ name: "tcp", host, port: PORT, protocol: "tcp" }];
            const start = () => Daemon.start(lab, "client", { probe: QUICK, targets });
            let daemon = await start();
            let seen = await oddView(daemon, "tcp");
            const what = () => JSON.stringify(seen, undefined, 1);
            const isTold = async (): Promise<boolean> => {
              seen = await oddView(daemon, "tcp");
              // At TTL 2 stand the two branches; by which of its addresses the next answers may show before.
              return seen.coverage.per_packet_ttls.includes(2) && seen.verdict === "healthy";
            };
            // By chance the first flows may all meet what they would if each had a branch of its own; the next start draws others.
            for (let tries = 1; tries < STARTS; tries += 1) {
              const told = await until(isTold, { limitMs: TOLD_WITHIN_MS, what }).catch(
                () => false,
              );
              if (told) break;
              await daemon.stop();
              daemon = await start();
            }
            await until(isTold, { limitMs: WITHIN_MS, what });
            const fault = await dropEarly(lab, "r3");
            await until(
              async () => {
                seen = await oddView(daemon, "tcp");
                const [first, ...others] = seen.suspects;
                // The router or its one link on: the same packets cross both.
                const places = [first?.name, first?.from];
                return (
                  seen.verdict === "path_loss" &&
                  others.length === 0 &&
                  addressesOf(lab, "r3").some((address) => places.includes(address))
                );
              },
              { limitMs: WITHIN_MS, what },
            );
            expect(seen.reason).toContain("no flow has a path of its own there");
            await fault.heal();
            await daemon.stop();
          },
          2,
        ),
    );
  },
);
