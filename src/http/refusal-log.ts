import type { Socket } from "node:net";
import { LRUCache } from "lru-cache";
import type { Log } from "../log.ts";
import { peerNetwork } from "./peer.ts";

/** The same refusal of the same peer is logged once in this time. */
const REPEAT_MS = 60_000;
/** Refusals that are known to have been logged. */
const KNOWN = 1_000;

/** Logs clients that were not let in over TLS, without letting them fill the log. */
export class RefusalLog {
  readonly #log: Log;
  readonly #said = new LRUCache<string, true>({ max: KNOWN, ttl: REPEAT_MS });

  constructor(log: Log) {
    this.#log = log;
  }

  /** @param reason what was wrong, as a clause @param code the name that Node or OpenSSL has for it */
  say(socket: Socket, reason: string, code?: string): void {
    const key = `${peerNetwork(socket)} ${reason} ${code}`;
    if (this.#said.has(key)) return;
    this.#said.set(key, true);
    this.#log.warn("TLS client refused", { peer: socket.remoteAddress, reason, code });
  }
}
