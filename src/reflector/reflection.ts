import { LRUCache } from "lru-cache";
import type { Clock } from "../clock.ts";
import type { Networks } from "../config/networks.ts";
import { REFUSALS, type ReflectorCounters, type Refusal } from "../metrics/reflector-metrics.ts";
import {
  looksReflected,
  reflect,
  type SessionCounts,
  SHORTEST_REQUEST,
  senderOf,
  sessionOf,
  UNKNOWN_TTL,
} from "../packet/payload/stamp-reflection.ts";
import { TokenBucket } from "../probe/token-bucket.ts";

/** Ports below belong to services: what comes from there is an answer, or was sent in somebody's name. */
const FIRST_CLIENT_PORT = 1024;
/** Sessions and senders that are remembered; 65536 sessions are the flows of a thousand targets. */
const MOST_SESSIONS = 65_536;
const MOST_SENDERS = 16_384;

/** Where a request came from. */
export interface Requester {
  readonly address: string;
  readonly port: number;
  readonly family: "IPv4" | "IPv6";
  /** Port it came to. */
  readonly localPort: number;
}

/** What bounds a reflector. */
export interface ReflectionLimits {
  readonly networks: Networks;
  /** Answers to one source address, packets a second; as many may come at once. */
  readonly packetsPerSecond: number;
  /** Most sessions remembered; the least recently used begin anew. */
  readonly sessions?: number;
}

const newCounts = (): SessionCounts => ({ received: 0, answered: 0 });

/** Decides which requests are answered, keeps the sessions' counts and turns requests into answers. */
export class Reflection {
  readonly counters: ReflectorCounters = {
    received: 0,
    answered: 0,
    refused: new Map(REFUSALS.map((reason) => [reason, 0])),
  };
  readonly #clock: Clock;
  readonly #networks: Networks;
  readonly #sessions: LRUCache<string, SessionCounts>;
  readonly #senders = new LRUCache<string, SessionCounts>({
    max: MOST_SENDERS,
    memoMethod: newCounts,
  });
  readonly #rates: LRUCache<string, TokenBucket>;

  constructor(clock: Clock, { networks, packetsPerSecond, sessions }: ReflectionLimits) {
    this.#clock = clock;
    this.#networks = networks;
    this.#sessions = new LRUCache({ max: sessions ?? MOST_SESSIONS, memoMethod: newCounts });
    const limit = { intervalMs: 1000 / packetsPerSecond, burst: packetsPerSecond };
    this.#rates = new LRUCache({
      max: MOST_SENDERS,
      memoMethod: () => new TokenBucket(limit, clock.monotonic()),
    });
  }

  /** Sessions remembered now. */
  get sessions(): number {
    return this.#sessions.size;
  }

  /**
   * Turns a request into its answer, in place.
   * @returns false where it is not answered; the packet is then as it was
   */
  answer(packet: Uint8Array, from: Requester): boolean {
    this.counters.received += 1;
    const refusal = this.#refusal(packet, from);
    if (refusal !== undefined) return this.refuse(refusal);
    const receivedAt = this.#clock.wall();
    const session = this.#sessions.memo(
      `${from.address} ${from.port} ${from.localPort} ${sessionOf(packet)}`,
    );
    const id = senderOf(packet);
    const sender = id === undefined ? newCounts() : this.#senders.memo(`${from.address} ${id}`);
    // Counted before the rate is looked at: what the limit takes was not lost on the way here.
    for (const counts of [session, sender]) counts.received = (counts.received + 1) % 2 ** 32;
    if (!this.#rates.memo(from.address).take(this.#clock.monotonic())) return this.refuse("rate");
    for (const counts of [session, sender]) counts.answered = (counts.answered + 1) % 2 ** 32;
    reflect(packet, {
      receivedAt,
      answeredAt: this.#clock.wall(),
      session,
      sender: () => sender,
      ttl: UNKNOWN_TTL,
    });
    this.counters.answered += 1;
    return true;
  }

  /** Counts a request that got no answer. */
  refuse(reason: Refusal): false {
    const { refused } = this.counters;
    refused.set(reason, (refused.get(reason) ?? 0) + 1);
    return false;
  }

  #refusal(packet: Uint8Array, from: Requester): Refusal | undefined {
    if (!this.#networks.holds(from.address)) return "source";
    if (packet.length < SHORTEST_REQUEST) return "short";
    // Two reflectors that take each other's answers for requests would never stop.
    const loops =
      from.port < FIRST_CLIENT_PORT ||
      from.port === from.localPort ||
      looksReflected(packet, this.#clock.wall());
    return loops ? "loop" : undefined;
  }
}
