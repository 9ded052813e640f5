import type { Lab } from "../../test/lab/lab.ts";
import { type LabProcess, until } from "../../test/lab/processes.ts";

/** Echo requests sent and answered. */
export interface PingCount {
  readonly sent: number;
  readonly answered: number;
}

/** The ping that was left running: one flow, five times a second. */
export class Ping {
  readonly #process: LabProcess;
  #count: PingCount = { sent: 0, answered: 0 };

  constructor(lab: Lab, node: string, address: string) {
    this.#process = lab.spawn(node, ["ping", "-n", "-q", "-i", "0.2", address]);
  }

  /** What it counts by now. It prints its counts on SIGQUIT; those of the last one asked for are returned. */
  count(): PingCount {
    this.#process.kill("SIGQUIT");
    const [, answered, sent] =
      [...this.#process.stderr.matchAll(/(\d+)\/(\d+) packets/g)].at(-1) ?? [];
    if (sent !== undefined) this.#count = { sent: Number(sent), answered: Number(answered) };
    return this.#count;
  }

  /** Its counts once nothing is under way any more. */
  async settled(): Promise<PingCount> {
    await until(() => this.count().sent > 0 && this.count().sent === this.count().answered, {
      limitMs: 1000,
      everyMs: 50,
      what: "every echo request is answered",
    }).catch(() => undefined);
    return this.#count;
  }
}
