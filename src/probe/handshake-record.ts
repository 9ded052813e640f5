import { FlowRecord } from "./flow-record.ts";

/** Where the numbers of a handshake stand, behind those of {@link FlowRecord}. */
const [SEQUENCE, ECHO, FIRST_AT, LAST_AT, REPEATS, REPEATED_AT, REPEATED_BEFORE] = [
  15, 16, 17, 18, 19, 20, 21,
] as const;

/** The connection of a flow that its server began last, of TCP alone. Every answer looks at it. Times are milliseconds, monotonic. */
export class HandshakeRecord extends FlowRecord {
  constructor(...memory: ConstructorParameters<typeof FlowRecord>) {
    super(...memory);
    this.beginHandshake(Number.NaN, Number.NaN, Number.NaN);
  }

  /** A SYN-ACK came that is none of before. @param sequence the server's initial sequence number @param echo the timestamp that it echoed; 0 for none */
  beginHandshake(sequence: number, echo: number, at: number): void {
    this.write(REPEATED_BEFORE, this.handshakeRepeats);
    this.write(SEQUENCE, sequence);
    this.write(ECHO, echo);
    this.write(FIRST_AT, at);
    this.write(LAST_AT, at);
    this.write(REPEATS, 0);
    this.write(REPEATED_AT, Number.NEGATIVE_INFINITY);
  }

  /** Whether the last one was this. */
  isHandshake(sequence: number, echo: number): boolean {
    return this.read(SEQUENCE) === sequence && this.read(ECHO) === echo;
  }

  /** It came once more, as a repeat or not. @returns when it had come last */
  handshakeAgain(at: number): number {
    const before = this.read(LAST_AT);
    this.write(LAST_AT, at);
    return before;
  }

  /** The server has repeated it. */
  repeatHandshake(at: number): void {
    this.write(REPEATS, this.handshakeRepeats + 1);
    this.write(REPEATED_AT, at);
  }

  /** When its SYN-ACK came first. */
  get handshakeFirstAt(): number {
    return this.read(FIRST_AT);
  }

  /** How often it was repeated. */
  get handshakeRepeats(): number {
    return this.read(REPEATS);
  }

  /** Whether the one before it was repeated. */
  get wasHandshakeRepeatedBefore(): boolean {
    return this.read(REPEATED_BEFORE) > 0;
  }

  /** When it was repeated last; minus infinity for never. */
  get handshakeRepeatedAt(): number {
    return this.read(REPEATED_AT);
  }
}
