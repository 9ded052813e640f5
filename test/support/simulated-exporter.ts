import { Engine } from "../../src/engine/engine.ts";
import type { ProbedTarget } from "../../src/probe/probed-flow.ts";
import { RouterIdentity } from "../../src/topology/router-identity.ts";
import { expiredAt, refusedBy, synAck } from "./answers.ts";
import { FakeClock } from "./fake-clock.ts";
import { type Answer, MemoryNetwork } from "./memory-network.ts";
import type { SentPacket } from "./sent-packet.ts";
import type { Met } from "./simulated-routers.ts";
import { makeTarget } from "./target.ts";

const RTT_MS = 2;
/** What packets leave behind is thrown away every so many turns. */
const FORGET_EVERY = 200;

/** A network that packets are sent into. */
export interface ExporterNetwork {
  /** What becomes of a packet: at whom its TTL ran out or its way ended, and who answers it, if anybody does. */
  meet(sourcePort: number, to: string, ttl: number, now: number): Met;
}

/** A whole engine with default settings that probes targets of 64 flows behind simulated routers. */
export class SimulatedExporter {
  readonly engine: Engine;
  readonly targets: readonly ProbedTarget[];
  readonly #clock: FakeClock = new FakeClock();
  readonly #wire: MemoryNetwork;
  readonly #routers: ExporterNetwork;

  /** @param flows and the interval, where they are not the usual ones */
  constructor(
    routers: ExporterNetwork,
    targets: number,
    { flowBuckets = 64, intervalMs = 10_000 }: { flowBuckets?: number; intervalMs?: number } = {},
  ) {
    this.#routers = routers;
    this.#wire = new MemoryNetwork(this.#clock);
    this.#wire.stack.works = false;
    this.#wire.behaviour = (sent) => this.#answers(sent);
    this.engine = new Engine({
      wire: { sender: this.#wire, receiver: this.#wire },
      clock: this.#clock,
      routers: new RouterIdentity({ changes: 0, nameOf: () => undefined }),
      settings: {
        packetsPerSecond: 10_000,
        trace: { maxHops: 30, attempts: 3, packetsPerSecond: 200, hopPacketsPerSecond: 10 },
      },
    });
    this.targets = Array.from({ length: targets }, (_, at) => {
      const to = `198.51.100.${at + 1}`;
      const settings = { flowBuckets, intervalMs, timeoutMs: 1000 };
      const target = this.engine.prober.add(makeTarget({ name: to, to, ...settings }));
      if (typeof target === "string") throw new Error(target);
      this.engine.begin(target);
      return target;
    });
  }

  /** Lets time pass in turns of the loop, as far apart as the daemon's. @returns how many */
  run(ms: number): number {
    const end = this.#clock.monotonic() + ms;
    let turns = 0;
    for (; this.#clock.monotonic() < end; turns += 1) {
      const pause = Math.min(Math.floor(this.engine.pauseMs()), end - this.#clock.monotonic());
      this.#clock.advance(Math.max(1, pause));
      this.engine.turn();
      if (turns % FORGET_EVERY === 0) this.#wire.sent.length = 0;
    }
    return turns;
  }

  #answers(sent: SentPacket): Answer[] {
    const { sourcePort, to, ttl } = sent;
    const { answer } = this.#routers.meet(sourcePort, to, ttl, this.#clock.monotonic());
    if (answer === undefined) return [];
    const { kind, from } = answer;
    const packet =
      kind === "destination"
        ? synAck(sent)
        : kind === "hop"
          ? expiredAt(from, sent)
          : refusedBy(from, sent);
    return [{ afterMs: RTT_MS, packet, stack: null }];
  }
}
