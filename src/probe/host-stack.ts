import type { Clock } from "../clock.ts";
import { type Address, sameAddress } from "../packet/address.ts";
import type { PacketReceiver, StackView } from "../wire/wire.ts";
import type { Arrival } from "./arrivals.ts";
import type { FlowRounds } from "./flow-rounds.ts";
import { Patrol } from "./patrol.ts";
import type { ProbedFlow, ProbedTarget } from "./probed-flow.ts";
import { answerMark } from "./reply/answer-mark.ts";
import type { FlowTable } from "./reply/flow-table.ts";
import { readReply } from "./reply/reply.ts";

/** A new target is looked at for so long at most; else for one interval of its probes and this much more. */
const NEW_FOR_MS = 15_000;
const NEW_BEYOND_MS = 2000;
/** One whose probes are not answered is looked at for so long, and again after a while. */
const SILENT_FOR_MS = 6000;
const SILENT_AGAIN_MS = 60_000;
/** As long as something is found it goes on, for so long after the last finding. */
const FOUND_FOR_MS = 60_000;
/** Addresses that are looked at side by side: the kernel compares each packet with every one of them. */
const AT_ONCE = 256;
/** Who is looked at is gone through this often, and at once when somebody comes. */
const LOOK_MS = 500;
/** Sockets that could not be opened are tried again after so long: there may have been too many descriptors. */
const BROKEN_FOR_MS = 60_000;
/** What was received before the sockets stood is not expected there. */
const SETTLING_MS = 2;
/** Both copies of a packet have been read so long after the later one could be seen. */
const BOTH_READ_MS = 40;
/** A copy that comes much later, on a host that was held up, still belongs to the one that was told already. */
const REMEMBERED_MS = 2000;

/** An address that is looked at. */
interface Watched {
  readonly address: Address;
  /** Since when, and until when. */
  since: number;
  until: number;
  /** An answer was not taken. */
  untaken: boolean;
}

/** A packet as it was read on one of the two ways. */
export interface Copy {
  readonly flow: ProbedFlow;
  readonly mark: number;
  readonly bytes: Uint8Array;
  readonly receivedAt: number;
}

/** What it is built from. */
export interface HostStackOptions {
  /** Says how long a packet may have been received before it shows it. */
  readonly receiver: Pick<PacketReceiver, "visibilityMs">;
  readonly clock: Clock;
  /** Knows the targets that are probed now. */
  readonly rounds: Pick<FlowRounds, "targets">;
}

/**
 * Compares what comes in on the wire with what this host's own stack is handed, for the targets where the two may differ.
 *
 *     wire ──▶ ring ──▶ rp_filter, NAT, input rules ──▶ raw sockets ──▶ a connection's socket
 *
 * An answer that the ring alone shows is one that this host does not take. One that the raw sockets alone show has been
 * translated on its way in: this host has a NAT of its own, and what it makes of the packet is the answer. All targets are
 * looked at when they are new and in turn, and those that do not answer or repeat themselves; all at once while an answer of any
 * of them is not taken.
 */
export class HostStack {
  readonly #view: StackView;
  readonly #table: FlowTable;
  readonly #ring: Pick<PacketReceiver, "visibilityMs">;
  readonly #clock: Clock;
  readonly #patrol: Patrol;
  readonly #watched: Map<string, Watched> = new Map();
  readonly #silentAt: Map<string, number> = new Map();
  /** Read from the raw sockets only, from the ring only. */
  #taken: Copy[] = [];
  #missing: Copy[] = [];
  /** Those of the raw sockets that were told to be the only ones. */
  #told: Copy[] = [];
  /** Those of the ring that came as the sockets were opened, which may show them or not. */
  #settling: Omit<Copy, "bytes">[] = [];
  /** The addresses that the sockets let in now. */
  #shown: readonly Watched[] = [];
  /** Until when the sockets are not opened, since they could not be. */
  #brokenUntil = Number.NEGATIVE_INFINITY;
  /** When the list of what is shown has to be looked at again. */
  #lookAt = 0;
  /** When an answer was not taken last. */
  #untakenAt = Number.NEGATIVE_INFINITY;

  constructor(view: StackView, table: FlowTable, { receiver, clock, rounds }: HostStackOptions) {
    this.#view = view;
    this.#table = table;
    this.#ring = receiver;
    this.#clock = clock;
    this.#patrol = new Patrol(rounds);
  }

  /** A target is probed from now on. */
  began({ target }: ProbedTarget, now: number): void {
    const forMs = Math.min(NEW_FOR_MS, target.intervalMs + NEW_BEYOND_MS);
    this.#watch(target.address, now, forMs);
  }

  /** A probe of the target was not answered. */
  silent({ target }: ProbedTarget, now: number): void {
    const before = this.#silentAt.get(target.address.text) ?? Number.NEGATIVE_INFINITY;
    if (now - before < SILENT_AGAIN_MS) return;
    if (this.#silentAt.size > AT_ONCE) this.#silentAt.clear();
    this.#silentAt.set(target.address.text, now);
    this.#watch(target.address, now, SILENT_FOR_MS);
  }

  /** The target is worth looking at for a while: the two ways differed, or its server repeats itself. */
  found({ target }: ProbedTarget, now: number): void {
    this.#watch(target.address, now, FOUND_FOR_MS);
  }

  /** The host does not take the target's answers: the next ones need not be waited for. */
  untaken(target: ProbedTarget, now: number): void {
    this.found(target, now);
    this.#untakenAt = now;
    const watched = this.#watched.get(target.target.address.text);
    if (watched !== undefined) watched.untaken = true;
  }

  /** Reads the raw sockets. */
  drain(now: number): void {
    if (now >= this.#lookAt) this.#show(now);
    if (this.#shown.length === 0) return;
    this.#view.drain((bytes, offset, end, receivedAt) => {
      const reply = readReply(bytes, offset, end, true);
      const flow = typeof reply === "string" ? undefined : this.#table.find(bytes, reply);
      if (flow === undefined) return;
      const mark = answerMark(bytes, offset, end);
      this.#taken.push({ flow, mark, bytes: copyOf(bytes, offset, end), receivedAt });
    });
  }

  /**
   * The ring shows an answer.
   * @returns true where the host takes it or nobody looks; false where that is not known yet: it is told by {@link settle}
   */
  takes(flow: ProbedFlow, { reply, bytes, offset, end, receivedAt }: Arrival): boolean {
    // Told of every answer, while hardly any target is watched.
    if (this.#watched.size === 0 && this.#taken.length === 0) return true;
    const { address } = flow.target.target;
    const watched = this.#watched.get(address.text);
    const mark = answerMark(bytes, offset, end);
    if (watched === undefined) {
      // The sockets may have shown it before they were closed.
      if (this.#taken.length > 0) this.#match(flow, mark);
      return true;
    }
    if (receivedAt < watched.since + SETTLING_MS) {
      if (receivedAt > watched.since - SETTLING_MS) {
        this.#settling.push({ flow, mark, receivedAt });
      }
      return true;
    }
    // Only what comes from the target itself is let in by the raw sockets.
    if (reply.kind === "icmp_error" && !sameAddress(address, bytes, reply.responderOffset)) {
      return true;
    }
    if (this.#match(flow, mark)) return true;
    this.#missing.push({ flow, mark, bytes: copyOf(bytes, offset, end), receivedAt });
    return false;
  }

  /**
   * Tells what is certain by now, of answers that only one of the two ways showed at first.
   * @param told `taken`: both did; `untaken`: the ring alone; `translated`: the raw sockets alone
   */
  settle(now: number, told: (what: "taken" | "untaken" | "translated", copy: Copy) => void): void {
    if (this.#missing.length > 0) {
      // What came in between the two readings.
      this.drain(now);
      const missing = this.#missing;
      this.#missing = [];
      for (const copy of missing) {
        if (this.#match(copy.flow, copy.mark)) told("taken", copy);
        else if (now - copy.receivedAt < this.#patience(copy.flow)) this.#missing.push(copy);
        // What was lost for want of room may have been this one.
        else told(this.#view.takeDrops() > 0 ? "taken" : "untaken", copy);
      }
    }
    if (this.#taken.length > 0) {
      const [old, young] = [[] as Copy[], [] as Copy[]];
      for (const copy of this.#taken) {
        (now - copy.receivedAt < this.#ring.visibilityMs + BOTH_READ_MS ? young : old).push(copy);
      }
      this.#taken = young;
      const isRecent = ({ receivedAt }: { receivedAt: number }) => now - receivedAt < REMEMBERED_MS;
      this.#told = this.#told.filter(isRecent);
      this.#told.push(...old);
      this.#settling = this.#settling.filter(isRecent);
      for (const copy of old) {
        if (!this.#settling.some((early) => isSame(early, copy))) told("translated", copy);
      }
    }
  }

  /** How long the other copy of an answer is waited for: not where answers were not taken before. */
  #patience({ target }: ProbedFlow): number {
    return this.#watched.get(target.target.address.text)?.untaken
      ? 0
      : this.#ring.visibilityMs + BOTH_READ_MS;
  }

  /** Whether the raw sockets have shown this answer; if so it is no longer waited for. */
  #match(flow: ProbedFlow, mark: number): boolean {
    const wanted = { flow, mark };
    const at = this.#taken.findIndex((copy) => isSame(copy, wanted));
    if (at < 0) return this.#told.some((copy) => isSame(copy, wanted));
    this.#taken.splice(at, 1);
    return true;
  }

  #watch(address: Address, now: number, forMs: number): void {
    if (now < this.#brokenUntil) return;
    const known = this.#watched.get(address.text);
    if (known === undefined) {
      const since = Number.POSITIVE_INFINITY;
      this.#watched.set(address.text, { address, since, until: now + forMs, untaken: false });
      this.#lookAt = now;
    } else {
      known.until = Math.max(known.until, now + forMs);
    }
  }

  /** Lets the sockets show those that are watched now, the first come first. */
  #show(now: number): void {
    this.#lookAt = now + LOOK_MS;
    for (const { target, forMs } of this.#patrol.due(now, now - this.#untakenAt < FOUND_FOR_MS)) {
      this.#watch(target.target.address, now, forMs);
    }
    for (const [text, { until }] of this.#watched) if (until < now) this.#watched.delete(text);
    const shown = [...this.#watched.values()].slice(0, AT_ONCE);
    const same =
      shown.length === this.#shown.length && shown.every((one, at) => one === this.#shown[at]);
    if (same) return;
    this.#shown = shown;
    const works = this.#view.watch(shown.map(({ address }) => address));
    // Not since the turn began: a host that is busy may have opened the sockets long after.
    const since = this.#clock.monotonic();
    for (const watched of shown) watched.since = Math.min(watched.since, since);
    if (works) return;
    this.#brokenUntil = now + BROKEN_FOR_MS;
    this.#watched.clear();
    this.#shown = [];
  }
}

/** Whether they are copies of one packet. */
function isSame(one: Pick<Copy, "flow" | "mark">, other: Pick<Copy, "flow" | "mark">): boolean {
  return one.flow === other.flow && one.mark === other.mark;
}

/** A copy: the packet's memory is used again. */
function copyOf(bytes: Uint8Array, offset: number, end: number): Uint8Array {
  return Uint8Array.prototype.slice.call(bytes, offset, end);
}
