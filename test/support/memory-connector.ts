import type { Connection, Connector, Ending } from "../../src/probe/connector.ts";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import type { FakeClock } from "./fake-clock.ts";

/** What becomes of a connection: its ending and when; nothing for silence. */
export type Fate = (
  flow: ProbedFlow,
) => { readonly afterMs: number; readonly ending: Ending } | undefined;

/** Connections without a kernel. What happens is told when {@link poll} is called, as a loop would. */
export class MemoryConnector implements Connector {
  fate: Fate = () => ({ afterMs: 1, ending: { kind: "connected" } });
  /** Every connection that was begun, in order. */
  readonly begun: { flow: ProbedFlow; at: number }[] = [];
  readonly open: Set<ProbedFlow> = new Set();
  readonly #clock: FakeClock;
  #news: { at: number; tell: () => void }[] = [];
  #settled: (() => void)[] = [];

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  connect(flow: ProbedFlow, ended: (ending: Ending) => void): Connection {
    const now = this.#clock.monotonic();
    this.begun.push({ flow, at: now });
    this.open.add(flow);
    const fate = this.fate(flow);
    let over = false;
    const end = (): void => {
      over = true;
      this.open.delete(flow);
    };
    if (fate !== undefined) {
      const tell = (): void => {
        if (over) return;
        end();
        ended(fate.ending);
      };
      this.#news.push({ at: now + fate.afterMs, tell });
    }
    return { close: end };
  }

  settled(then: () => void): void {
    this.#settled.push(then);
  }

  /** The loop asks for news: everything that has happened is told, then those who waited for it. */
  poll(): void {
    const now = this.#clock.monotonic();
    const due = this.#news.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
    this.#news = this.#news.filter(({ at }) => at > now);
    for (const { tell } of due) tell();
    const waiting = this.#settled;
    this.#settled = [];
    for (const then of waiting) then();
  }
}
