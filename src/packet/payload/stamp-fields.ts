import { writeUint16, writeUint32 } from "../octets.ts";

/*
 * STAMP without authentication, RFC 8762 sections 4.2.1 and 4.3.1 with the session identifier and the extensions of RFC 8972.
 *
 *     to the reflector     0 sequence │ 4 timestamp │ 12 error estimate │ 14 session id │ 16 zero …………………………………………… │ 44 extensions
 *     back                 0 sequence │ 4 timestamp │ 12 error estimate │ 14 session id │ 16 received │ 24 what the sender
 *                          wrote: sequence │ 28 timestamp │ 36 error estimate │ 38 zero │ 40 TTL │ 41 zero │ 44 extensions
 *
 * An extension: 0 flags │ 1 type │ 2 length of what follows │ 4 value
 */

/** Offsets of fields, in bytes. */
export const STAMP: {
  readonly timestamp: number;
  readonly errorEstimate: number;
  readonly session: number;
  readonly received: number;
  readonly senderSequence: number;
  readonly senderTimestamp: number;
  readonly senderErrorEstimate: number;
  readonly senderTtl: number;
  readonly extensions: number;
} = {
  timestamp: 4,
  errorEstimate: 12,
  session: 14,
  received: 16,
  senderSequence: 24,
  senderTimestamp: 28,
  senderErrorEstimate: 36,
  senderTtl: 40,
  extensions: 44,
};

/** Bytes in front of an extension's value. */
export const EXTENSION_HEADER = 4;

/** Set by the sender; the reflector clears it in an extension that it has understood. */
export const UNRECOGNISED = 0x80;
/** Set by the reflector in an extension whose length cannot be right. */
export const MALFORMED = 0x40;

/** Types of extensions. */
export const EXTENSION: {
  /** RFC 8972, 4.1: bytes without a meaning. */
  readonly padding: number;
  /** RFC 8972, 4.5: counters of the session; 12 bytes: sent, received, answered. */
  readonly directMeasurement: number;
  /**
   * This program's own, of the types for private use (RFC 8972, 5.1): counters over all sessions of one sender, whatever
   * their ports. 16 bytes: the sender's number, sent, received, answered.
   */
  readonly senderCount: number;
} = { padding: 1, directMeasurement: 5, senderCount: 252 };

/** Length of the value of a sender's counters. */
export const SENDER_COUNT_BYTES = 16;

/**
 * An error estimate (RFC 4656 section 4.1.2): not synchronised, NTP format, 1 · 2^32 · 2^-32 = one second. The clocks of two
 * machines may be further apart; nothing here is computed from their difference.
 */
export const ONE_SECOND = 0x2001;

/** Seconds from 1900, where NTP's time begins, to 1970. */
const NTP_EPOCH_S = 2_208_988_800;

/** Writes a moment as an NTP timestamp of 64 bits (RFC 5905, 6). @param wallMs milliseconds since 1970 */
export function writeNtpTime(out: Uint8Array, offset: number, wallMs: number): void {
  const seconds = Math.floor(wallMs / 1000);
  const fraction = Math.floor(((wallMs - seconds * 1000) / 1000) * 2 ** 32);
  writeUint32(out, offset, (seconds + NTP_EPOCH_S) % 2 ** 32);
  writeUint16(out, offset + 4, fraction >>> 16);
  writeUint16(out, offset + 6, fraction & 0xffff);
}
