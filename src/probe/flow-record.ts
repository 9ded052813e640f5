import { type FlowMemory, FlowNumbers } from "./flow-memory.ts";

/** Where each number of a flow stands in its record. */
const [
  SENT_AT,
  DEADLINE,
  DEADLINE_NUMBER,
  TIMESTAMP,
  IDENTIFICATION,
  PACKETS,
  LAST_SENT_AT,
  RTT_MS,
] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const [SLOT_AT, FAILURES, NEXT_PORT, MOVES_AT, CONFIRMED_AT, FAILING_SINCE, HELD_RTT_MS] = [
  8, 9, 10, 11, 12, 13, 14,
] as const;

/** What is known of one flow and of its probe, in numbers. Times are milliseconds, monotonic. */
export class FlowRecord extends FlowNumbers {
  constructor(memory: FlowMemory) {
    super(memory);
    this.lastSentAt = Number.NEGATIVE_INFINITY;
    this.slotAt = Number.NEGATIVE_INFINITY;
    this.confirmedAt = Number.NEGATIVE_INFINITY;
    this.rttMs = undefined;
    this.failingSince = undefined;
    this.heldRttMs = undefined;
  }

  /** When the end-to-end probe in flight was sent, or the last one. */
  get sentAt(): number {
    return this.read(SENT_AT);
  }

  set sentAt(at: number) {
    this.write(SENT_AT, at);
  }

  /** Until when that probe may be answered. */
  get deadline(): number {
    return this.read(DEADLINE);
  }

  set deadline(at: number) {
    this.write(DEADLINE, at);
  }

  /** Under which number its deadline stands in the queue. */
  get deadlineNumber(): number {
    return this.read(DEADLINE_NUMBER);
  }

  set deadlineNumber(number: number) {
    this.write(DEADLINE_NUMBER, number);
  }

  /** What tells this probe from the flow's others: its timestamp option and {@link identification}. */
  get timestamp(): number {
    return this.read(TIMESTAMP);
  }

  set timestamp(timestamp: number) {
    this.write(TIMESTAMP, timestamp);
  }

  /** IP identification of this probe. */
  get identification(): number {
    return this.read(IDENTIFICATION);
  }

  set identification(identification: number) {
    this.write(IDENTIFICATION, identification);
  }

  /** Packets of the flow so far, those of traces included; begins anywhere. */
  get packets(): number {
    return this.read(PACKETS);
  }

  set packets(packets: number) {
    this.write(PACKETS, packets);
  }

  /** When any packet of the flow was sent last, those of traces included. */
  get lastSentAt(): number {
    return this.read(LAST_SENT_AT);
  }

  set lastSentAt(at: number) {
    this.write(LAST_SENT_AT, at);
  }

  /** Round-trip time of the last answered probe; undefined before the first. */
  get rttMs(): number | undefined {
    return this.readAny(RTT_MS);
  }

  set rttMs(rttMs: number | undefined) {
    this.write(RTT_MS, rttMs ?? Number.NaN);
  }

  /** When its last probe in its own slot was sent. */
  get slotAt(): number {
    return this.read(SLOT_AT);
  }

  set slotAt(at: number) {
    this.write(SLOT_AT, at);
  }

  /** Failures in a row. */
  get failures(): number {
    return this.read(FAILURES);
  }

  set failures(failures: number) {
    this.write(FAILURES, failures);
  }

  /** The bucket moves on to this port when nothing is in flight; 0 for no change. */
  get nextPort(): number {
    return this.read(NEXT_PORT);
  }

  set nextPort(port: number) {
    this.write(NEXT_PORT, port);
  }

  /** Not before that. */
  get movesAt(): number {
    return this.read(MOVES_AT);
  }

  set movesAt(at: number) {
    this.write(MOVES_AT, at);
  }

  /** When its beginning to fail was confirmed last. */
  get confirmedAt(): number {
    return this.read(CONFIRMED_AT);
  }

  set confirmedAt(at: number) {
    this.write(CONFIRMED_AT, at);
  }

  /** When the flow's current series of failures began; undefined while it does not fail. */
  get failingSince(): number | undefined {
    return this.readAny(FAILING_SINCE);
  }

  set failingSince(at: number | undefined) {
    this.write(FAILING_SINCE, at ?? Number.NaN);
  }

  /** Round-trip time of an answer that counts unless the server repeats it soon; undefined for none. */
  get heldRttMs(): number | undefined {
    return this.readAny(HELD_RTT_MS);
  }

  set heldRttMs(rttMs: number | undefined) {
    this.write(HELD_RTT_MS, rttMs ?? Number.NaN);
  }
}
