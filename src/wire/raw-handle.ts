import { createRequire } from "node:module";

/**
 * The synchronous handle under a raw-socket socket. The package's documented `send` queues one packet per poll event
 * (11 thousand packets a second); the handle sends at once (250 thousand), so this is all that is used of it.
 */
export interface RawHandle {
  /** sendto(2); throws an error whose message is strerror's text. */
  send(
    buffer: Buffer,
    offset: number,
    length: number,
    address: string,
    sent: (bytes: number) => void,
  ): void;
  /** recvfrom(2); throws when nothing is there (`Resource temporarily unavailable`). */
  recv(buffer: Buffer, received: (buffer: Buffer, bytes: number, source: string) => void): void;
  setOption(level: number, option: number, value: Buffer | number, length?: number): void;
  close(): void;
  on(event: "recvReady", listener: () => void): void;
  removeAllListeners(event: "recvReady" | "sendReady"): void;
}

interface RawSocketModule {
  createSocket(options: { protocol: number; addressFamily: number; bufferSize: number }): {
    readonly wrap: RawHandle;
    on(event: "error", listener: (error: Error) => void): void;
  };
  readonly AddressFamily: { readonly IPv4: number; readonly IPv6: number };
}

/** strerror's texts (glibc and musl) to errno names, for the errors that sending and opening can give. */
const ERRNO_BY_TEXT: Readonly<Record<string, string>> = {
  "Operation not permitted": "EPERM",
  "Permission denied": "EACCES",
  "Invalid argument": "EINVAL",
  "Message too long": "EMSGSIZE",
  "Message too large": "EMSGSIZE",
  "Network is down": "ENETDOWN",
  "Network is unreachable": "ENETUNREACH",
  "Network unreachable": "ENETUNREACH",
  "No route to host": "EHOSTUNREACH",
  "Host is unreachable": "EHOSTUNREACH",
  "No buffer space available": "ENOBUFS",
  "Resource temporarily unavailable": "EAGAIN",
  "Cannot assign requested address": "EADDRNOTAVAIL",
  "Address not available": "EADDRNOTAVAIL",
  "Address family not supported by protocol": "EAFNOSUPPORT",
  "No such device": "ENODEV",
};

/** The errno's name for an error that a {@link RawHandle} threw; `OTHER` for one not in the table. */
export function errnoName(error: unknown): string {
  return ERRNO_BY_TEXT[error instanceof Error ? error.message : String(error)] ?? "OTHER";
}

/**
 * Opens a raw socket.
 * @param protocol IP protocol number; 255 sends whole packets with their own IP header and receives nothing
 * @throws Error with strerror's text, or a sentence where the native part of raw-socket is missing
 */
export function openRawHandle(protocol: number, family: 4 | 6): RawHandle {
  let module: RawSocketModule;
  try {
    module = createRequire(import.meta.url)("raw-socket") as RawSocketModule;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new Error(
      `raw-socket cannot be loaded; run "npm rebuild raw-socket" with a C++ compiler installed: ${reason}`,
    );
  }
  const socket = module.createSocket({
    protocol,
    addressFamily: family === 4 ? module.AddressFamily.IPv4 : module.AddressFamily.IPv6,
    bufferSize: 16,
  });
  // The package reads one packet an event into its own buffer and turns a spurious wake-up into an error; both of
  // its listeners are replaced by whoever owns the handle.
  socket.on("error", () => {});
  socket.wrap.removeAllListeners("recvReady");
  socket.wrap.removeAllListeners("sendReady");
  return socket.wrap;
}
