import type { PacketReceiver } from "../wire/wire.ts";
import type { EngineCounters } from "./engine-counters.ts";
import type { InvalidReason } from "./outcome.ts";
import type { ProbedFlow } from "./probed-flow.ts";
import { StallRecord } from "./stall.ts";

/** The kernel's count of dropped packets is read at least this often. */
const DROPS_EVERY_MS = 1000;

/** Judges whether a probe's end says something about the network, or about this process and its host. */
export class Validity {
  readonly #receiver: PacketReceiver;
  readonly #counters: EngineCounters;
  readonly #stalls: StallRecord;
  #dropsReadAt: number;
  /** Nothing has been read from the sockets since the count of drops was. */
  #dropsAreKnown = false;
  #dropsAt = Number.NEGATIVE_INFINITY;

  constructor(receiver: PacketReceiver, counters: EngineCounters, now: number) {
    this.#receiver = receiver;
    this.#counters = counters;
    this.#stalls = new StallRecord(now);
    this.#dropsReadAt = now;
  }

  /** Reports a turn of the engine's loop. */
  turn(now: number): void {
    this.#stalls.turn(now);
    this.#dropsAreKnown = false;
    if (now - this.#dropsReadAt > DROPS_EVERY_MS) this.#readDrops(now);
  }

  /** Everything received has been read: drops since the count was last read may have been answers. */
  drained(): void {
    this.#dropsAreKnown = false;
  }

  /** Whether the times of an answered probe are not to be trusted. */
  doubtful(flow: ProbedFlow, receivedAt: number): boolean {
    if (flow.sendStalled) return true;
    return !this.#receiver.kernelTimestamps && this.#stalls.overlaps(flow.sentAt, receivedAt);
  }

  /**
   * Why silence on a probe proves nothing; undefined where it does.
   * @param until the probe's deadline
   */
  spoiled(flow: ProbedFlow, until: number, now: number): InvalidReason | undefined {
    if (flow.sendStalled || this.#stalls.overlaps(flow.sentAt, until)) return "stall";
    // What was on its way when this host lost its way there got lost with it, and so did its answer.
    if (flow.target.noWay.met(flow.sentAt, until)) return "send_error";
    // Drops may have happened since they were last read, and one of them may have been the answer. Of thousands of probes that
    // end together the count is read once: without a packet ring it stands in a file, which takes half a millisecond.
    if (!this.#dropsAreKnown) this.#readDrops(now);
    this.#dropsAreKnown = true;
    return this.#dropsAt >= flow.sentAt ? "receive_drops" : undefined;
  }

  #readDrops(now: number): void {
    const drops = this.#receiver.takeDrops();
    if (drops > 0) {
      this.#counters.receiveDrops += drops;
      this.#dropsAt = now;
    }
    this.#dropsReadAt = now;
  }
}
