import { constants } from "node:os";

/**
 * The few C library calls that Node does not offer, through koffi. koffi is an optional dependency: where it cannot be
 * loaded, {@link loadLibc} says why and the engine falls back to raw sockets alone.
 */
export interface Libc {
  /** socket(2); -1 on failure. */
  socket(domain: number, type: number, protocol: number): number;
  /** setsockopt(2); `value` must stay referenced while the kernel points into it. */
  setsockopt(fd: number, level: number, option: number, value: Buffer, length: number): number;
  /** getsockopt(2); `length` holds the size of `value` as a native 32-bit integer. */
  getsockopt(fd: number, level: number, option: number, value: Buffer, length: Buffer): number;
  /** bind(2). */
  bind(fd: number, address: Buffer, length: number): number;
  /** sendto(2) without flags; the bytes sent, -1 on failure. */
  sendto(
    fd: number,
    packet: Buffer,
    length: number,
    address: Buffer,
    addressLength: number,
  ): number;
  /** recv(2) without waiting (MSG_DONTWAIT); the bytes received, -1 on failure. */
  recv(fd: number, buffer: Buffer): number;
  /** close(2). */
  close(fd: number): number;
  /** mmap(2) of a descriptor from offset 0, shared, for reading and writing; undefined on failure. */
  map(fd: number, length: number): MappedMemory | undefined;
  /** The machine's address of a buffer's first byte. */
  address(buffer: Buffer): bigint;
  /** CLOCK_REALTIME in milliseconds with fractions, the clock of the kernel's packet timestamps. */
  realtime(): number;
  /** errno of the last failed call as its name, `EPERM`. */
  errno(): string;
}

/** Memory shared with the kernel. */
export interface MappedMemory {
  readonly buffer: ArrayBuffer;
  unmap(): void;
}

/** Level of setsockopt(2) for options of every socket (asm-generic/socket.h). */
export const SOL_SOCKET = 1;
/** Option of setsockopt(2) that attaches a classic BPF program (asm-generic/socket.h). */
export const SO_ATTACH_FILTER = 26;

const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const CLOCK_REALTIME = 0;
const MSG_DONTWAIT = 0x40;

/** Names of errors by their number on this machine. */
const ERRNO_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno).map(([name, number]) => [number, name]),
);

/** Binds the C library, or returns the reason why it cannot be had. */
export async function loadLibc(): Promise<Libc | string> {
  let koffi: typeof import("koffi").default;
  try {
    koffi = (await import("koffi")).default;
  } catch (error) {
    return `koffi cannot be loaded: ${error instanceof Error ? error.message.split("\n")[0] : error}`;
  }
  const library = koffi.load(null);
  const bind = library.func("int bind(int fd, const uint8_t *address, uint32_t length)");
  const close = library.func("int close(int fd)");
  const sendto = library.func(
    "int64_t sendto(int fd, const uint8_t *packet, size_t length, int flags, const uint8_t *address, uint32_t addressLength)",
  );
  const recv = library.func("int64_t recv(int fd, uint8_t *buffer, size_t length, int flags)");
  const socket = library.func("int socket(int domain, int type, int protocol)");
  const setsockopt = library.func(
    "int setsockopt(int fd, int level, int option, const uint8_t *value, uint32_t length)",
  );
  const getsockopt = library.func(
    "int getsockopt(int fd, int level, int option, uint8_t *value, uint8_t *length)",
  );
  const mmap = library.func(
    "void *mmap(void *address, size_t length, int protection, int flags, int fd, int64_t offset)",
  );
  const munmap = library.func("int munmap(void *address, size_t length)");
  const clockGettime = library.func("int clock_gettime(int clock, uint8_t *time)");
  const time = Buffer.alloc(16);
  const timeView = new DataView(time.buffer, time.byteOffset, 16);
  const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
  return {
    socket: (domain, type, protocol) => socket(domain, type, protocol),
    setsockopt: (fd, level, option, value, length) => setsockopt(fd, level, option, value, length),
    getsockopt: (fd, level, option, value, length) => getsockopt(fd, level, option, value, length),
    bind: (fd, address, length) => bind(fd, address, length),
    sendto: (fd, packet, length, address, addressLength) =>
      sendto(fd, packet, length, 0, address, addressLength),
    recv: (fd, buffer) => recv(fd, buffer, buffer.length, MSG_DONTWAIT),
    close: (fd) => close(fd),
    map(fd, length) {
      const pointer = mmap(null, length, PROT_READ_WRITE, MAP_SHARED, fd, 0);
      // MAP_FAILED is the highest address.
      if (pointer === null || BigInt.asIntN(64, koffi.address(pointer)) === -1n) return undefined;
      return { buffer: koffi.view(pointer, length), unmap: () => munmap(pointer, length) };
    },
    address: (buffer) => koffi.address(buffer),
    realtime() {
      clockGettime(CLOCK_REALTIME, time);
      const seconds = Number(timeView.getBigInt64(0, littleEndian));
      return seconds * 1000 + Number(timeView.getBigInt64(8, littleEndian)) / 1e6;
    },
    errno: () => ERRNO_NAMES.get(koffi.errno()) ?? `errno ${koffi.errno()}`,
  };
}

/**
 * struct sock_fprog: how many instructions there are and where. The kernel reads `program` during the call that
 * takes the header, so the caller keeps it referenced until then, or the garbage collector moves it away.
 * @param program encoded instructions of 8 bytes
 */
export function filterHeader(libc: Libc, program: Buffer): Buffer {
  const header = Buffer.alloc(16);
  header.set(new Uint8Array(Uint16Array.of(program.length / 8).buffer), 0);
  header.set(new Uint8Array(BigUint64Array.of(libc.address(program)).buffer), 8);
  return header;
}
