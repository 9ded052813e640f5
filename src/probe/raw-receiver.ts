import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Clock } from "../clock.ts";
import { buildFilter, encodeProgram } from "../packet/bpf.ts";
import { filterHeader, type Libc } from "./libc.ts";
import { openRawHandle, type RawHandle } from "./raw-handle.ts";
import type { Deliver, PacketReceiver } from "./wire.ts";

const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_ATTACH_FILTER = 26;
const SOL_RAW = 255;
const ICMP_FILTER = 1;
/** Bit n set: ICMP type n is not delivered. Echo reply, unreachable and time exceeded pass. */
const ICMP_BLOCKED = ~((1 << 0) | (1 << 3) | (1 << 11));
const RECEIVE_BUFFER_BYTES = 4 << 20;
const PROTOCOLS = [1, 6, 17] as const;
/** The socket is read at most this often a drain, so that a flood cannot hold the loop. */
const READS_A_DRAIN = 20_000;

interface Stored {
  bytes: Uint8Array;
  receivedAt: number;
}

/**
 * The receiver for places without AF_PACKET or koffi: one raw socket for ICMP, TCP and UDP each. The process stamps
 * the packets when it reads them, so a stall of the process shows in their times; the engine knows and calls such
 * probes invalid.
 */
export class RawReceiver implements PacketReceiver {
  readonly kind = "raw" as const;
  readonly kernelTimestamps = false;
  readonly visibilityMs = 0;
  /** True where the kernel filters for us; else every TCP segment of the host is copied here and dropped. */
  filtered = false;
  readonly #clock: Clock;
  readonly #libc: Libc | undefined;
  readonly #handles: RawHandle[];
  readonly #buffer: Buffer = Buffer.alloc(65_536);
  #stored: Stored[] = [];
  #drops = 0;
  #open = true;

  /**
   * @param libc lends the pointer that attaching a filter needs; without it only ICMP is filtered
   * @throws Error where the process may not open raw sockets
   */
  constructor(
    clock: Clock,
    libc: Libc | undefined,
    ports: readonly { first: number; last: number }[],
  ) {
    this.#clock = clock;
    this.#libc = libc;
    this.#handles = PROTOCOLS.map((protocol) => {
      const handle = openRawHandle(protocol, 4);
      handle.setOption(SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER_BYTES);
      if (protocol === 1) {
        handle.setOption(SOL_RAW, ICMP_FILTER, Buffer.from(Int32Array.of(ICMP_BLOCKED).buffer), 4);
      }
      handle.on("recvReady", () => this.#read(handle));
      return handle;
    });
    this.filter(ports);
    // What came before the filter stood is of no interest.
    for (const handle of this.#handles) this.#read(handle);
    this.#stored = [];
    this.#drops = socketDrops();
  }

  drain(deliver: Deliver): number {
    for (const handle of this.#handles) this.#read(handle);
    const stored = this.#stored;
    this.#stored = [];
    for (const { bytes, receivedAt } of stored) deliver(bytes, 0, bytes.length, receivedAt);
    return stored.length;
  }

  takeDrops(): number {
    if (!this.#open) return 0;
    const before = this.#drops;
    this.#drops = socketDrops();
    return Math.max(0, this.#drops - before);
  }

  filter(ports: readonly { first: number; last: number }[]): void {
    if (!this.#open || this.#libc === undefined) return;
    const program = Buffer.from(encodeProgram(buildFilter({ ports, linkType: "raw" })));
    const header = filterHeader(this.#libc, program);
    try {
      for (const handle of this.#handles) {
        handle.setOption(SOL_SOCKET, SO_ATTACH_FILTER, header, header.length);
      }
      this.filtered = true;
    } catch {
      this.filtered = false;
    }
  }

  close(): void {
    this.#open = false;
    this.#stored = [];
    for (const handle of this.#handles) handle.close();
  }

  #read(handle: RawHandle): void {
    // The handle opens a new socket, without a filter, when a closed one is read.
    if (!this.#open) return;
    try {
      for (let reads = 0; reads < READS_A_DRAIN; reads += 1) {
        handle.recv(this.#buffer, (buffer, bytes) => {
          // The buffer is used again for the next packet, so what stays must be a copy.
          this.#stored.push({
            bytes: Uint8Array.prototype.slice.call(buffer, 0, bytes),
            receivedAt: this.#clock.monotonic(),
          });
        });
      }
    } catch {
      // recvfrom says EAGAIN when everything is read; other errors (ENETDOWN) bring no packet either.
    }
  }
}

/** Packets dropped at this process' raw sockets, from the last column of /proc/net/raw; 0 where it cannot be read. */
function socketDrops(): number {
  try {
    const own = new Set<string>();
    for (const fd of readdirSync("/proc/self/fd")) {
      try {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
        if (inode !== undefined) own.add(inode);
      } catch {
        // The descriptor of the listing itself is gone by now.
      }
    }
    let drops = 0;
    for (const line of readFileSync("/proc/net/raw", "utf8").split("\n").slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (fields.length >= 13 && own.has(fields[9] ?? "")) drops += Number(fields[12]);
    }
    return drops;
  } catch {
    return 0;
  }
}
