import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Clock } from "../clock.ts";
import { type Address, type Family, parseAddress } from "../packet/address.ts";
import { buildFilter, encodeProgram } from "../packet/bpf.ts";
import { onlyFrom } from "../packet/bpf-remotes.ts";
import { IP_HEADER_BYTES, IP_PROTOCOL, writeIp } from "../packet/ip.ts";
import { filterHeader, type Libc, SO_ATTACH_FILTER, SOL_SOCKET } from "./libc.ts";
import { errnoName, openRawHandle, type RawHandle } from "./raw-handle.ts";
import type { Deliver, PacketReceiver } from "./wire.ts";

const SO_RCVBUF = 8;
const RECEIVE_BUFFER_BYTES = 4 << 20;
const { icmp, icmpv6, tcp, udp } = IP_PROTOCOL;
const PROTOCOLS: Readonly<Record<Family, readonly number[]>> = {
  4: [icmp, tcp, udp],
  6: [icmpv6, tcp, udp],
};
/**
 * Which ICMP messages a socket delivers: echo replies, unreachable and time exceeded. Bit n of word n / 32 is set for
 * every other type (linux/icmp.h ICMP_FILTER, RFC 3542 section 3.2 ICMP6_FILTER, in Linux's sense of the bits).
 */
const ICMP_FILTERS = {
  4: { level: 255, option: 1, words: Int32Array.of(~((1 << 0) | (1 << 3) | (1 << 11))) },
  6: {
    level: icmpv6,
    option: 1,
    words: Int32Array.of(~((1 << 1) | (1 << 3)), -1, -1, -1, ~(1 << (129 - 128)), -1, -1, -1),
  },
} as const;
/** The socket is read at most this often a drain, so that a flood cannot hold the loop. */
const READS_A_DRAIN = 20_000;

/** One socket. */
interface RawInput {
  readonly handle: RawHandle;
  readonly family: Family;
  readonly protocol: number;
}

interface Stored {
  bytes: Uint8Array;
  receivedAt: number;
}

/**
 * The receiver for places without AF_PACKET or koffi: one raw socket for ICMP, TCP and UDP of each family. The process
 * stamps the packets when it reads them, so a stall of the process shows in their times; the engine knows and calls
 * such probes invalid.
 *
 * Raw sockets get packets before the kernel verifies their transport checksums, and do not say which it need not verify; so
 * damage on the way back goes unnoticed here.
 *
 * Raw IPv6 sockets deliver packets without their header (RFC 3542 section 3). It is put together again from what is
 * known; the destination, which is not, becomes `::`.
 */
export class RawReceiver implements PacketReceiver {
  readonly kind = "raw" as const;
  readonly kernelTimestamps = false;
  readonly visibilityMs = 0;
  /** True where the kernel filters for us; else every TCP segment of the host is copied here and dropped. */
  filtered = false;
  readonly #clock: Clock;
  readonly #libc: Libc | undefined;
  readonly #inputs: readonly RawInput[];
  readonly #buffer: Buffer = Buffer.alloc(65_536);
  /** The kernel reads them through pointers that the garbage collector does not see. */
  #programs: readonly Buffer[] = [];
  #stored: Stored[] = [];
  #drops = 0;
  #open = true;

  /**
   * @param libc lends the pointer that attaching a filter needs; without it only ICMP is filtered
   * @param remotes only packets from these addresses are let in; those of everybody unless told
   * @throws Error where the process may not open raw sockets
   */
  constructor(
    clock: Clock,
    libc: Libc | undefined,
    ports: readonly { first: number; last: number }[],
    remotes?: readonly Address[],
  ) {
    this.#clock = clock;
    this.#libc = libc;
    this.#inputs = [...openInputs(4), ...openInputs(6)];
    for (const input of this.#inputs) {
      input.handle.on("recvReady", () => this.#read(input));
    }
    this.filter(ports, remotes);
    // What came before the filter stood is of no interest.
    for (const input of this.#inputs) this.#read(input);
    this.#stored = [];
    this.#drops = socketDrops();
  }

  drain(deliver: Deliver): number {
    for (const input of this.#inputs) this.#read(input);
    const stored = this.#stored;
    this.#stored = [];
    for (const { bytes, receivedAt } of stored) deliver(bytes, 0, bytes.length, receivedAt, true);
    return stored.length;
  }

  takeDrops(): number {
    if (!this.#open) return 0;
    const before = this.#drops;
    this.#drops = socketDrops();
    return Math.max(0, this.#drops - before);
  }

  filter(
    ports: readonly { first: number; last: number }[],
    remotes?: readonly Address[],
  ): string | undefined {
    if (!this.#open || this.#libc === undefined) return undefined;
    const libc = this.#libc;
    this.#programs = (["raw", "raw6"] as const).map((linkType) => {
      const program = buildFilter({ ports, linkType });
      const all = remotes === undefined ? program : onlyFrom(remotes, linkType, program);
      return Buffer.from(encodeProgram(all));
    });
    const [v4, v6] = this.#programs.map((program) => filterHeader(libc, program));
    try {
      for (const { handle, family } of this.#inputs) {
        const header = family === 4 ? v4 : v6;
        if (header !== undefined) {
          handle.setOption(SOL_SOCKET, SO_ATTACH_FILTER, header, header.length);
        }
      }
      this.filtered = true;
      return undefined;
    } catch (error) {
      this.filtered = false;
      return `the packet filter cannot be attached: ${errnoName(error)}`;
    }
  }

  close(): void {
    this.#open = false;
    this.#stored = [];
    for (const { handle } of this.#inputs) handle.close();
  }

  #read({ handle, family, protocol }: RawInput): void {
    // The handle opens a new socket, without a filter, when a closed one is read.
    if (!this.#open) return;
    const missing = family === 6 ? IP_HEADER_BYTES[6] : 0;
    const room = this.#buffer.subarray(missing);
    try {
      for (let reads = 0; reads < READS_A_DRAIN; reads += 1) {
        handle.recv(room, (_, length, from) => {
          const receivedAt = this.#clock.monotonic();
          const source = family === 6 ? parseAddress(from) : undefined;
          if (source !== undefined) writeHeader(this.#buffer, source, protocol, length);
          else if (family === 6) return;
          // The buffer is used again for the next packet, so what stays must be a copy.
          const bytes = Uint8Array.prototype.slice.call(this.#buffer, 0, missing + length);
          this.#stored.push({ bytes, receivedAt });
        });
      }
    } catch {
      // recvfrom says EAGAIN when everything is read; other errors (ENETDOWN) bring no packet either.
    }
  }
}

/** The unspecified address. */
const UNSPECIFIED: Address = { family: 6, text: "::", bytes: new Uint8Array(16) };

/** Opens the sockets of a family; none where the kernel has no IPv6. @throws Error where the process may not */
function openInputs(family: Family): RawInput[] {
  const inputs: RawInput[] = [];
  for (const protocol of PROTOCOLS[family]) {
    let handle: RawHandle;
    try {
      handle = openRawHandle(protocol, family);
    } catch (error) {
      if (family === 6 && errnoName(error) === "EAFNOSUPPORT") return [];
      throw error;
    }
    handle.setOption(SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER_BYTES);
    if (protocol === icmp || protocol === icmpv6) {
      const { level, option, words } = ICMP_FILTERS[family];
      handle.setOption(level, option, Buffer.from(words.buffer), words.byteLength);
    }
    inputs.push({ handle, family, protocol });
  }
  return inputs;
}

/** Puts the header of a received packet in front of its payload. */
function writeHeader(out: Uint8Array, source: Address, protocol: number, length: number): void {
  const unknown = { hopLimit: 0, dscp: 0, id: 0, flowLabel: 0 };
  const known = { source, destination: UNSPECIFIED, protocol, payloadLength: length };
  writeIp(out, 0, { ...unknown, ...known });
}

/** Packets dropped at this process' raw sockets, from the last columns of /proc/net/raw and raw6; 0 where they cannot be read. */
function socketDrops(): number {
  const own = new Set<string>();
  try {
    for (const fd of readdirSync("/proc/self/fd")) {
      try {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
        if (inode !== undefined) own.add(inode);
      } catch {
        // The descriptor of the listing itself is gone by now.
      }
    }
  } catch {
    return 0;
  }
  return dropsIn("/proc/net/raw", own) + dropsIn("/proc/net/raw6", own);
}

function dropsIn(table: string, inodes: ReadonlySet<string>): number {
  let drops = 0;
  try {
    for (const line of readFileSync(table, "utf8").split("\n").slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (fields.length >= 13 && inodes.has(fields[9] ?? "")) drops += Number(fields[12]);
    }
  } catch {
    // A kernel without IPv6 has no such table.
  }
  return drops;
}
