import { errnoName, openRawHandle, type RawHandle } from "./raw-handle.ts";
import { TELLS_DROPS } from "./source-sockets.ts";
import type { PacketSender } from "./wire.ts";

/** IPPROTO_RAW: the packets carry their own IP header. */
const PROTOCOL_RAW = 255;

const ignoreCount = (): void => {};

/**
 * Sends through raw sockets, one for each family, opened when first needed. They are bound to no address, so routing rules
 * by source do not apply: for processes that cannot call the C library.
 */
export class RawSender implements PacketSender {
  readonly #v4: RawHandle;
  #v6: RawHandle | undefined;
  #open = true;

  /** @throws Error where the process may not open raw sockets */
  constructor() {
    this.#v4 = openSender(4);
  }

  send(packet: Buffer, length: number, destination: string): string | undefined {
    // The handle opens a new socket when a closed one is used.
    if (!this.#open) return "EBADF";
    try {
      const v6 = ((packet[0] ?? 0) & 0xf0) === 0x60;
      if (v6) this.#v6 ??= openSender(6);
      const handle = v6 && this.#v6 !== undefined ? this.#v6 : this.#v4;
      handle.send(packet, 0, length, destination, ignoreCount);
      return undefined;
    } catch (error) {
      return errnoName(error);
    }
  }

  close(): void {
    this.#open = false;
    this.#v4.close();
    this.#v6?.close();
  }
}

function openSender(family: 4 | 6): RawHandle {
  const handle = openRawHandle(PROTOCOL_RAW, family);
  const [level, option] = TELLS_DROPS[family];
  handle.setOption(level, option, 1);
  return handle;
}
