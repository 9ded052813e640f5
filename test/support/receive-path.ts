import type { Target } from "../../src/flow/target.ts";
import { FlowKeyer } from "../../src/probe/probe-id.ts";
import { Prober } from "../../src/probe/prober.ts";
import type { PacketReceiver } from "../../src/wire/wire.ts";
import { datagram, expiredAt, pong, refusedBy, reset, synAck } from "./answers.ts";
import type { FakeClock } from "./fake-clock.ts";
import type { Random } from "./random.ts";
import { readSent, type SentPacket } from "./sent-packet.ts";
import { ENDS, makeTarget } from "./target.ts";

const NO_PAYLOAD_PORT = 33_434;
const WAYS: readonly Partial<Target>[] = [
  { protocol: "tcp" },
  { protocol: "udp", payload: { kind: "dns", name: "example.net" } },
  { protocol: "udp", port: NO_PAYLOAD_PORT },
  { protocol: "icmp", port: 0 },
];

/** A prober with probes of every protocol and family in flight, behind a receiver of the test's. */
export class ReceivePath {
  readonly prober: Prober;
  /** The probes in flight. */
  readonly sent: SentPacket[] = [];
  /** What the prober made of packets: probes ended, sweeps answered, facts about hops. */
  effects = 0;
  readonly #clock: FakeClock;

  /** @param secret the byte that the keyer's secret is made of */
  constructor(clock: FakeClock, receiver: PacketReceiver, secret: number) {
    this.#clock = clock;
    const effect = (): undefined => {
      this.effects += 1;
      return undefined;
    };
    this.prober = new Prober({
      sender: {
        send: (packet, length) => {
          const sent = readSent(Uint8Array.from(packet.subarray(0, length)), clock.monotonic());
          if (!sent.reset) this.sent.push(sent);
          return undefined;
        },
        close: () => {},
      },
      receiver,
      clock,
      packetsPerSecond: 1_000_000,
      keyer: new FlowKeyer(Buffer.alloc(32, secret)),
      observer: {
        onOutcome: effect,
        onLate: effect,
        onMissed: effect,
        onSweepAnswer: (_, { identification, timestamp }) => {
          // As a tracer does that has sent these packets.
          const found = this.sent.some(
            (sent) =>
              (identification === undefined || sent.id === identification) &&
              (timestamp === undefined || sent.timestamp === timestamp),
          );
          return found && (identification ?? timestamp) !== undefined ? effect() : undefined;
        },
        onReport: effect,
        onOneWayLoss: effect,
        onRateLimit: effect,
        onMoved: effect,
      },
    });
    for (const family of [4, 6] as const) {
      for (const way of WAYS) {
        const settings = { ...ENDS[family], ...way, flowBuckets: 2 };
        this.prober.add(makeTarget({ ...settings, intervalMs: 60_000, timeoutMs: 59_900 }));
      }
    }
    for (let at = 0; at < 60_000 && this.sent.length < 4 * WAYS.length; at += 50) this.turn(50);
    this.effects = 0;
  }

  /** Lets time pass and what is there be read. */
  turn(ms = 0): void {
    this.#clock.advance(ms);
    this.prober.turn();
  }
}

/** Every kind of answer to a probe. */
export function answersTo(sent: SentPacket): Uint8Array[] {
  const { router } = ENDS[sent.family];
  const own = {
    tcp: () => [synAck(sent), reset(sent)],
    udp: () => [datagram(sent), refusedBy(sent.to, sent)],
    icmp: () => [pong(sent)],
  }[sent.protocol]();
  return [...own, expiredAt(router, sent), refusedBy(router, sent, { code: 1 })];
}

/** A packet with some bytes changed, cut off or added, or noise altogether. */
export function damaged(packet: Uint8Array, random: Random): Uint8Array {
  const noise = (length: number): number[] => Array.from({ length }, () => random.between(0, 255));
  if (random.chance(0.02)) return Uint8Array.from(noise(random.between(0, 200)));
  const bytes = Uint8Array.from(packet);
  for (let changes = random.between(0, 4); changes > 0; changes -= 1) {
    const at = random.between(0, bytes.length - 1);
    bytes[at] = random.chance(0.5)
      ? (bytes[at] ?? 0) ^ (1 << random.between(0, 7))
      : random.between(0, 255);
  }
  if (random.chance(0.1)) return bytes.slice(0, random.between(0, bytes.length));
  if (random.chance(0.05)) return Uint8Array.from([...bytes, ...noise(random.between(1, 60))]);
  return bytes;
}

/** What only those on a probe's way know, as text of one character a byte; made once, since millions of packets are looked at. */
const KNOWN = new WeakMap<SentPacket, readonly string[]>();

function knownOf(sent: SentPacket): readonly string[] {
  let known = KNOWN.get(sent);
  if (known === undefined) {
    known = secretsOf(sent).map((bytes) => Buffer.from(bytes).toString("latin1"));
    KNOWN.set(sent, known);
  }
  return known;
}

function secretsOf(sent: SentPacket): Uint8Array[] {
  const header = sent.family === 4 ? 20 : 40;
  if (sent.protocol === "tcp") {
    const next = Buffer.alloc(4);
    next.writeUInt32BE((sent.sequence + 1) >>> 0);
    const timestamp = sent.bytes.subarray(header + 28, header + 32);
    return [next, sent.bytes.subarray(header + 4, header + 8), timestamp];
  }
  const checksum = header + (sent.protocol === "udp" ? 6 : 2);
  const keyed = sent.protocol === "udp" ? sent.payload.subarray(0, 2) : sent.payload.subarray(0, 8);
  return [sent.bytes.subarray(checksum, checksum + 2), keyed];
}

/** Whether a packet holds something of one of the probes that only those on its way know. */
export function knows(packet: Uint8Array, probes: readonly SentPacket[]): boolean {
  const text = Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength).toString("latin1");
  return probes.some((sent) => {
    // Whatever a service says to a probe that asks for nothing is an answer.
    const isDatagram = packet[sent.family === 4 ? 9 : 6] === 17;
    if (isDatagram && sent.destinationPort === NO_PAYLOAD_PORT && sent.protocol === "udp") {
      return true;
    }
    return knownOf(sent).some((known) => text.includes(known));
  });
}
