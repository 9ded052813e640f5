import { type Libc, SOL_SOCKET } from "./libc.ts";
import {
  ASK_ALL,
  decodeMessages,
  LISTING_ENDS,
  type NetlinkMessage,
  nativeUint32,
  readNativeUint16,
} from "./netlink-message.ts";

// Numbers of the kernel's interface: linux/socket.h, linux/netlink.h, linux/rtnetlink.h, asm-generic/socket.h.
const AF_NETLINK = 16;
const SOCK_RAW_NONBLOCK_CLOEXEC = 3 | 0o4000 | 0o2000000;
const NETLINK_ROUTE = 0;
const SO_RCVBUF = 8;
/** Interfaces, addresses, routes and rules of both families (bit n - 1 for group n), and next hop objects. */
const GROUPS = [1, 5, 7, 8, 9, 11, 19, 32].reduce((bits, group) => bits + 2 ** (group - 1), 0);
/** That there is news is all that matters of it: what finds no room is as good. */
const NEWS_BYTES = 4096;
/** The kernel's own limit of what it puts into a datagram is 32 KiB. */
const ANSWER_BYTES = 65_536;
/** Where the flags of a message stand. */
const FLAGS = 6;

/** Two sockets of netlink(7): one to ask, one that is told of changes. The kernel answers while it is asked: nothing waits. */
export class Netlink {
  readonly #libc: Libc;
  readonly #questions: number;
  readonly #news: number;
  readonly #answer: Buffer = Buffer.alloc(ANSWER_BYTES);

  private constructor(libc: Libc, questions: number, news: number) {
    this.#libc = libc;
    this.#questions = questions;
    this.#news = news;
  }

  /** @returns the errno's name where it cannot be had */
  static open(libc: Libc): Netlink | string {
    const questions = libc.socket(AF_NETLINK, SOCK_RAW_NONBLOCK_CLOEXEC, NETLINK_ROUTE);
    if (questions < 0) return libc.errno();
    const news = libc.socket(AF_NETLINK, SOCK_RAW_NONBLOCK_CLOEXEC, NETLINK_ROUTE);
    if (news >= 0) {
      const room = Buffer.from(nativeUint32(NEWS_BYTES));
      libc.setsockopt(news, SOL_SOCKET, SO_RCVBUF, room, room.length);
      const address = addressOf(GROUPS);
      if (libc.bind(news, address, address.length) === 0) {
        return new Netlink(libc, questions, news);
      }
    }
    const reason = libc.errno();
    if (news >= 0) libc.close(news);
    libc.close(questions);
    return reason;
  }

  /** Asks the kernel. @returns the messages of its answer; none where it gives none */
  ask(request: Buffer): NetlinkMessage[] {
    const libc = this.#libc;
    const kernel = addressOf(0);
    if (libc.sendto(this.#questions, request, request.length, kernel, kernel.length) < 0) return [];
    const isListing = (readNativeUint16(request, FLAGS) & ASK_ALL) === ASK_ALL;
    const messages: NetlinkMessage[] = [];
    for (;;) {
      const received = libc.recv(this.#questions, this.#answer);
      if (received <= 0) return messages;
      // Of a listing more comes into the same memory.
      const bytes = isListing
        ? Uint8Array.prototype.slice.call(this.#answer, 0, received)
        : this.#answer.subarray(0, received);
      const part = decodeMessages(bytes);
      messages.push(...part);
      const ends = part.some(({ type, error }) => type === LISTING_ENDS || error !== 0);
      if (!isListing || ends) return messages;
    }
  }

  /** Whether anything has changed since the last call. */
  hasChanged(): boolean {
    let changed = false;
    for (;;) {
      const received = this.#libc.recv(this.#news, this.#answer);
      if (received >= 0) {
        changed = true;
        continue;
      }
      // News that found no room is told once.
      if (this.#libc.errno() !== "ENOBUFS") return changed;
      changed = true;
    }
  }

  close(): void {
    this.#libc.close(this.#questions);
    this.#libc.close(this.#news);
  }
}

/** struct sockaddr_nl: of the kernel, or of ourselves with the groups that are listened to. */
function addressOf(groups: number): Buffer {
  const address = Buffer.alloc(12);
  address.set(new Uint8Array(Uint16Array.of(AF_NETLINK).buffer), 0);
  address.set(nativeUint32(groups), 8);
  return address;
}
