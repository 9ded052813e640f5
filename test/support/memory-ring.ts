import type { Clock } from "../../src/clock.ts";
import type { Libc } from "../../src/wire/libc.ts";
import { PacketRing } from "../../src/wire/packet-ring.ts";

const BLOCK_BYTES = 4096;
const BLOCKS = 2048;
const FIRST_PACKET = 48;
/** Where the IP packet begins behind its header of the ring. */
const NETWORK = 80;
const USER = 1;
/** What is added to the monotonic clock to make the wall clock. */
const WALL = 1_700_000_000_000;

/** A packet ring whose kernel is this object: it writes blocks as linux/if_packet.h lays them out. */
export class MemoryRing {
  readonly ring: PacketRing;
  readonly #memory = new DataView(new ArrayBuffer(BLOCK_BYTES * BLOCKS));
  readonly #clock: Clock;
  #block = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    const libc: Partial<Libc> = {
      socket: () => 9,
      setsockopt: () => 0,
      getsockopt: () => -1,
      bind: () => 0,
      close: () => 0,
      address: () => 0n,
      errno: () => "EPERM",
      realtime: () => clock.monotonic() + WALL,
      map: () => ({ buffer: this.#memory.buffer as ArrayBuffer, unmap: () => {} }),
    };
    const ring = PacketRing.open(libc as Libc, clock, [{ first: 61_000, last: 65_535 }]);
    if (typeof ring === "string") throw new Error(ring);
    this.ring = ring;
  }

  /** The kernel hands over a block with one packet. @param status of the packet, such as TP_STATUS_CSUM_VALID */
  put(packet: Uint8Array, status: number): void {
    const memory = this.#memory;
    const block = this.#block * BLOCK_BYTES;
    const at = block + FIRST_PACKET;
    const wall = this.#clock.monotonic() + WALL;
    const kept = Math.min(packet.length, BLOCK_BYTES - FIRST_PACKET - NETWORK);
    memory.setInt32(block + 12, 1, true);
    memory.setInt32(block + 16, FIRST_PACKET, true);
    memory.setInt32(at, 0, true);
    memory.setUint32(at + 4, Math.floor(wall / 1000), true);
    memory.setInt32(at + 8, Math.floor((wall % 1000) * 1e6), true);
    memory.setInt32(at + 12, kept, true);
    memory.setInt32(at + 16, packet.length, true);
    memory.setInt32(at + 20, status, true);
    memory.setUint16(at + 26, NETWORK, true);
    new Uint8Array(memory.buffer).set(packet.subarray(0, kept), at + NETWORK);
    memory.setInt32(block + 8, USER, true);
    this.#block = (this.#block + 1) % BLOCKS;
  }
}
