import type { Clock } from "../clock.ts";
import { buildFilter, encodeProgram } from "../packet/bpf.ts";
import { KernelTime } from "./kernel-time.ts";
import {
  filterHeader,
  type Libc,
  type MappedMemory,
  SO_ATTACH_FILTER,
  SOL_SOCKET,
} from "./libc.ts";
import { AF_PACKET, linkLayerAddress } from "./socket-address.ts";
import { StackTap } from "./stack-tap.ts";
import type { Deliver, PacketReceiver } from "./wire.ts";

// Numbers of the kernel's interface: linux/if_packet.h, linux/if_ether.h, asm-generic/socket.h.
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const SOL_PACKET = 263;
const PACKET_RX_RING = 5;
const PACKET_STATISTICS = 6;
const PACKET_VERSION = 10;
const PACKET_IGNORE_OUTGOING = 23;
const TPACKET_V3 = 2;
const ETH_P_ALL = 3;
const TP_STATUS_KERNEL = 0;
const TP_STATUS_USER = 1;

// Many small blocks rather than few large ones: the kernel hands a block over after RETIRE_MS even if it holds one
// packet, so at low rates every block holds one. 2,048 blocks of a page then outlast a stall of 16 s, and at ten
// thousand packets a second (about 28 to a block) one of 5 s, for 8 MiB of memory.
const BLOCK_BYTES = 4096;
const BLOCKS = 2048;
const RETIRE_MS = 8;
/** The kernel's timer works in ticks of up to 10 ms. */
const TIMER_SLACK_MS = 12;

/** Readings of both clocks that belong together lie no further apart, and are tried this often. */
const MOST_APART_MS = 0.02;
const READINGS = 4;

/** Offsets within a block (struct tpacket_block_desc) and a packet header (struct tpacket3_hdr). */
const BLOCK_STATUS = 8;
const BLOCK_PACKETS = 12;
const BLOCK_FIRST = 16;
const PACKET_NEXT = 0;
const PACKET_SECONDS = 4;
const PACKET_NANOSECONDS = 8;
const PACKET_CAPTURED = 12;
const PACKET_STATUS = 20;
const PACKET_NETWORK_OFFSET = 26;
/** TP_STATUS_CSUM_VALID: verified by the network card; TP_STATUS_CSUMNOTREADY: of this machine, its checksum not made yet. */
const CHECKSUM_SETTLED = (1 << 7) | (1 << 3);

/**
 * The ring of an AF_PACKET socket (packet_mmap, TPACKET_V3): the kernel writes what the filter lets through into
 * shared memory with its own receive time, and this reads it without a system call a packet.
 *
 *     block 0        block 1        block 2              status 1: ours to read, 0: the kernel's
 *   [1│p p p p  ] [1│p          ] [0│            ] …     read from #next on, give back by writing 0
 */
export class PacketRing implements PacketReceiver {
  readonly kind = "ring" as const;
  readonly kernelTimestamps = true;
  readonly visibilityMs: number = RETIRE_MS + TIMER_SLACK_MS;
  readonly stack: StackTap;
  readonly #libc: Libc;
  readonly #clock: Clock;
  readonly #fd: number;
  readonly #memory: MappedMemory;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  readonly #shorts: Uint16Array;
  readonly #time: KernelTime = new KernelTime(this.visibilityMs);
  #next = 0;
  #open = true;

  private constructor(libc: Libc, clock: Clock, fd: number, memory: MappedMemory, stack: StackTap) {
    this.stack = stack;
    this.#libc = libc;
    this.#clock = clock;
    this.#fd = fd;
    this.#memory = memory;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#words = new Int32Array(memory.buffer);
    this.#shorts = new Uint16Array(memory.buffer);
  }

  /**
   * Opens the ring over all interfaces of the network namespace.
   * @returns the reason as text where it cannot be had (no privilege, no AF_PACKET, no memory)
   */
  static open(
    libc: Libc,
    clock: Clock,
    ports: readonly { first: number; last: number }[],
  ): PacketRing | string {
    // Protocol 0 receives nothing, so that no unfiltered packet gets in before the filter stands.
    const fd = libc.socket(AF_PACKET, SOCK_DGRAM_CLOEXEC, 0);
    if (fd < 0) return `an AF_PACKET socket cannot be opened: ${libc.errno()}`;
    const fail = (what: string): string => {
      const reason = `${what}: ${libc.errno()}`;
      libc.close(fd);
      return reason;
    };
    if (!attach(libc, fd, encodeProgram(buildFilter({ ports, linkType: "packet" })))) {
      return fail("the packet filter cannot be attached");
    }
    // The filter drops what is sent as well; without this it runs for every packet that leaves this host. Linux has it since 4.20.
    const ignored = Buffer.from(Int32Array.of(1).buffer);
    libc.setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, ignored, 4);
    const version = Buffer.from(Int32Array.of(TPACKET_V3).buffer);
    if (libc.setsockopt(fd, SOL_PACKET, PACKET_VERSION, version, 4) !== 0) {
      return fail("the kernel has no TPACKET_V3");
    }
    const request = Uint32Array.of(BLOCK_BYTES, BLOCKS, BLOCK_BYTES, BLOCKS, RETIRE_MS, 0, 0);
    if (libc.setsockopt(fd, SOL_PACKET, PACKET_RX_RING, Buffer.from(request.buffer), 28) !== 0) {
      return fail("the packet ring cannot be made");
    }
    const memory = libc.map(fd, BLOCK_BYTES * BLOCKS);
    if (memory === undefined) return fail("the packet ring cannot be mapped");
    if (libc.bind(fd, linkLayerAddress(ETH_P_ALL), 20) !== 0) {
      return fail("the packet socket cannot be bound");
    }
    return new PacketRing(libc, clock, fd, memory, new StackTap(clock, libc, ports));
  }

  drain(deliver: Deliver, ready: () => void = () => {}): number {
    if (!this.#open) return 0;
    this.#time.begin(this.#readClocks(), this.#clock.monotonic());
    let count = 0;
    for (let walked = 0; walked < BLOCKS; walked += 1) {
      const block = this.#next * BLOCK_BYTES;
      if ((Atomics.load(this.#words, (block + BLOCK_STATUS) >> 2) & TP_STATUS_USER) === 0) break;
      count += this.#readBlock(block, deliver);
      ready();
      Atomics.store(this.#words, (block + BLOCK_STATUS) >> 2, TP_STATUS_KERNEL);
      this.#next = (this.#next + 1) % BLOCKS;
    }
    return count;
  }

  takeDrops(): number {
    // tp_packets, tp_drops, tp_freeze_q_cnt; reading them sets them to zero.
    if (!this.#open) return 0;
    const value = Buffer.alloc(12);
    const length = Buffer.from(Uint32Array.of(value.length).buffer);
    if (this.#libc.getsockopt(this.#fd, SOL_PACKET, PACKET_STATISTICS, value, length) !== 0)
      return 0;
    return new Uint32Array(value.buffer, value.byteOffset, 3)[1] ?? 0;
  }

  filter(ports: readonly { first: number; last: number }[]): string | undefined {
    if (!this.#open) return undefined;
    const program = encodeProgram(buildFilter({ ports, linkType: "packet" }));
    if (!attach(this.#libc, this.#fd, program)) {
      return `the packet filter cannot be attached: ${this.#libc.errno()}`;
    }
    this.stack.filter(ports);
    return undefined;
  }

  close(): void {
    if (!this.#open) return;
    // Reading the views after this would touch memory that is no longer mapped, and the descriptor may be another's.
    this.#open = false;
    this.stack.close();
    this.#memory.unmap();
    this.#libc.close(this.#fd);
  }

  /**
   * Monotonic time minus wall time, milliseconds. Both are read again if the process was held up in between, or round trips
   * of microseconds would come out as none at all.
   */
  #readClocks(): number {
    for (let reading = 1; ; reading += 1) {
      const before = this.#clock.monotonic();
      const wall = this.#libc.realtime();
      const after = this.#clock.monotonic();
      if (after - before < MOST_APART_MS || reading === READINGS)
        return (before + after) / 2 - wall;
    }
  }

  #readBlock(block: number, deliver: Deliver): number {
    const words = this.#words;
    const packets = words[(block + BLOCK_PACKETS) >> 2] ?? 0;
    let at = block + (words[(block + BLOCK_FIRST) >> 2] ?? 0);
    for (let index = 0; index < packets; index += 1) {
      const seconds = (words[(at + PACKET_SECONDS) >> 2] ?? 0) >>> 0;
      const nanoseconds = words[(at + PACKET_NANOSECONDS) >> 2] ?? 0;
      const start = at + (this.#shorts[(at + PACKET_NETWORK_OFFSET) >> 1] ?? 0);
      const end = start + (words[(at + PACKET_CAPTURED) >> 2] ?? 0);
      const received = this.#time.of(seconds * 1000 + nanoseconds / 1e6);
      const verified = ((words[(at + PACKET_STATUS) >> 2] ?? 0) & CHECKSUM_SETTLED) !== 0;
      deliver(this.#bytes, start, end, received, verified);
      at += words[(at + PACKET_NEXT) >> 2] ?? 0;
    }
    return packets;
  }
}

/** Attaches a classic BPF program to a socket, replacing the one it had in one step. */
function attach(libc: Libc, fd: number, program: Uint8Array): boolean {
  const held = Buffer.from(program);
  return libc.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, filterHeader(libc, held), 16) === 0;
}
