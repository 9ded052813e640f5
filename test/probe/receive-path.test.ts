// Both receivers and everything behind them, fed with packets that were damaged or made up. `npm run fuzz` runs ten million.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openRawHandle, type RawHandle } from "../../src/wire/raw-handle.ts";
import { RawReceiver } from "../../src/wire/raw-receiver.ts";
import type { PacketReceiver } from "../../src/wire/wire.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { MemoryRing } from "../support/memory-ring.ts";
import { type Random, seeded } from "../support/random.ts";
import { answersTo, damaged, knows, ReceivePath } from "../support/receive-path.ts";
import { printedSeed } from "../support/seed.ts";

vi.mock(import("../../src/wire/raw-handle.ts"), async (original) => ({
  ...(await original()),
  openRawHandle: vi.fn(),
}));

/** Packets a test; ten million in `npm run fuzz`. */
const PACKETS = Number(process.env["FUZZ_PACKETS"] ?? 40_000);
/** Two properties, two receivers. */
const SHARE = Math.ceil(PACKETS / 4);
const A_BATCH = 20;
/** A packet takes 0.04 ms, several times as much beside other work. */
const LIMIT_MS = 60_000 + SHARE;
const PORTS = [{ first: 61_000, last: 65_535 }];
/** The kernel's word on a transport checksum: to be verified, not made yet, verified. */
const STATUSES = [1, 1 | (1 << 3), 1 | (1 << 7)];

/** A receiver, and how a packet gets into it. */
interface Entrance {
  readonly receiver: PacketReceiver;
  put(packet: Uint8Array, random: Random): void;
}

/** Made once: a stack trace for each of the reads that find nothing costs more than all else. */
const NOTHING_THERE = new Error("Resource temporarily unavailable");

type Queue = { payload: Uint8Array; from: string }[];

/** The raw sockets' receiver, with a socket for each protocol of each family that holds what is queued for it. */
function rawEntrance(clock: FakeClock): Entrance {
  const queues = new Map<string, Queue>();
  vi.mocked(openRawHandle).mockImplementation((protocol, family): RawHandle => {
    const queue: Queue = [];
    queues.set(`${family} ${protocol}`, queue);
    return {
      recv(buffer, received) {
        const next = queue.shift();
        if (next === undefined) throw NOTHING_THERE;
        buffer.set(next.payload);
        received(buffer, next.payload.length, next.from);
      },
      send: () => {},
      setOption: () => {},
      close: () => {},
      on: () => {},
      removeAllListeners: () => {},
    };
  });
  const receiver = new RawReceiver(clock, undefined, PORTS);
  return {
    receiver,
    put(packet) {
      const v6 = (packet[0] ?? 0) >>> 4 === 6;
      const protocol = (v6 ? packet[6] : packet[9]) ?? 0;
      const own = queues.get(`${v6 ? 6 : 4} ${protocol}`);
      // What is of no protocol with a socket comes to one that hands it on whole.
      if (own === undefined) queues.get("4 6")?.push({ payload: packet, from: "" });
      else own.push({ payload: v6 ? packet.slice(40) : packet, from: "2001:db8:2::2" });
    },
  };
}

function ringEntrance(clock: FakeClock): Entrance {
  const memory = new MemoryRing(clock);
  return {
    receiver: memory.ring,
    put: (packet, random) => memory.put(packet, random.pick(STATUSES)),
  };
}

const ENTRANCES = { ring: ringEntrance, raw: rawEntrance } as const;

/** A path of packets with probes in flight. @param secret different ones make probes that know nothing of each other */
function pathBehind(kind: keyof typeof ENTRANCES, secret: number) {
  const clock = new FakeClock();
  const entrance = ENTRANCES[kind](clock);
  return { entrance, path: new ReceivePath(clock, entrance.receiver, secret) };
}

describe.each(["ring", "raw"] as const)("the receive path behind the %s receiver", (kind) => {
  beforeEach(() => {
    vi.mocked(openRawHandle).mockReset();
  });
  afterEach(() => {
    vi.resetAllMocks();
  });

  test(
    "takes nothing from who does not know the probes, and grows by nothing",
    () => {
      const random = seeded(printedSeed(`forged answers, ${kind}`));
      const { entrance, path } = pathBehind(kind, 1);
      // The same addresses and ports, answered as if the secret were another.
      const forged = pathBehind(kind, 2).path.sent.flatMap(answersTo);
      const real = path.sent;
      expect(real.length).toBe(16);
      let received = 0;
      let hits = 0;
      for (let fed = 0; fed < SHARE; fed += A_BATCH) {
        const batch = Array.from({ length: A_BATCH }, () => damaged(random.pick(forged), random));
        const blind = batch.filter((packet) => !knows(packet, real));
        const before = path.effects;
        for (const packet of blind) entrance.put(packet, random);
        path.turn();
        received += blind.length;
        if (path.effects > before) hits += 1;
      }
      // A quote of UDP or ICMP proves itself by the 16 bits of a checksum, whatever a NAT has made of its addresses: chance hits that.
      expect(hits).toBeLessThanOrEqual(1 + received / 2 ** 16);
      const { counters } = path.prober;
      expect(counters.received).toBe(received);
      const ignored = [...counters.ignored.values()].reduce((sum, one) => sum + one, 0);
      expect(received - ignored).toBeLessThanOrEqual(hits);
    },
    LIMIT_MS,
  );

  test(
    "takes an answer only where it knows a probe, whatever else is damaged, and never throws",
    () => {
      const random = seeded(printedSeed(`damaged answers, ${kind}`));
      for (let fed = 0; fed < SHARE; ) {
        const { entrance, path } = pathBehind(kind, 3);
        const answers = path.sent.flatMap(answersTo);
        for (let batches = 0; batches < 1000 && fed < SHARE; batches += 1, fed += A_BATCH) {
          const batch = Array.from({ length: A_BATCH }, () =>
            damaged(random.pick(answers), random),
          );
          const before = path.effects;
          for (const packet of batch) entrance.put(packet, random);
          path.turn();
          const known = batch.filter((packet) => knows(packet, path.sent));
          expect(path.effects - before).toBeLessThanOrEqual(2 * known.length);
        }
      }
    },
    LIMIT_MS,
  );
});
