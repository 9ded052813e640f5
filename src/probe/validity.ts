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
    if (now - this.#dropsReadAt > DROPS_EVERY_MS) this.#readDrops(now);
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
    // Drops may have happened since they were last read, and one of them may have been the answer.
    this.#readDrops(now);
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
