import { createHmac, randomBytes } from "node:crypto";
import { verify } from "@node-rs/bcrypt";
import { LRUCache } from "lru-cache";
import { type Clock, systemClock } from "../clock.ts";
import { TokenBucket } from "../probe/token-bucket.ts";
import type { Users } from "./basic-auth.ts";
import { LoginQueue } from "./login-queue.ts";

/** Who asks, and whether the answer is still wanted. */
export interface Login {
  readonly user: string;
  readonly password: string;
  /** Where the request comes from, see `peerNetwork`. */
  readonly peer: string;
  /** Aborted when the client has gone. */
  readonly signal?: AbortSignal;
}

/**
 * What a login came to: `limited` if it was not looked at because its peer has had too many wrong ones, `abandoned` if its
 * client has gone before it was looked at.
 */
export type LoginResult = "right" | "wrong" | "limited" | "abandoned";

/** A check that is under way, and how many requests wait for it. */
interface Pending {
  readonly result: Promise<boolean>;
  /** Takes it back if it has not begun. */
  readonly withdraw: () => void;
  waiting: number;
}

/** What there is to compute, and whether it takes longer than most. */
interface Check {
  readonly slow: boolean;
  readonly compute: () => Promise<boolean>;
}

/** Right logins remembered: more than a web configuration usually has users. */
const RIGHT_ONES = 256;
/** Wrong logins remembered, apart from the right ones, so that they cannot push those out. */
const WRONG_ONES = 1024;
/** Peers whose wrong logins are counted. */
const PEERS = 4096;
/** Wrong logins of a peer that are computed: so many at once, then one a second. A right login costs none of them. */
const WRONG_LOGINS = { burst: 100, intervalMs: 1000 };

/** Salt and digest of no password in particular; what an unknown user's password is compared with. */
const DUMMY_DIGEST = "T00bm8qXOlx2dMfZ./Rw/uxkh8ibsfw82oQa/q6c3uwxf8Je/mp5.";
/** The usual cost of bcrypt, for when there is no user to go by. */
const USUAL_COST = 10;

const costOf = (hash: string): number => Number(hash.slice(4, 6));

/** Every cost that users' hashes have, in rising order. */
export function costsOf(users: Users): number[] {
  return [...new Set([...users.values()].map(costOf))].sort((a, b) => a - b);
}

/** The cost that most users' hashes have; of several the cheapest. */
export function commonCost(users: Users): number {
  const counts = new Map<number, number>();
  for (const hash of users.values()) {
    counts.set(costOf(hash), (counts.get(costOf(hash)) ?? 0) + 1);
  }
  const [[cost] = [USUAL_COST]] = [...counts].sort(([a, n], [b, m]) => m - n || a - b);
  return cost;
}

/**
 * Checks passwords with bcrypt in the native thread pool, in the turns of {@link LoginQueue}. Results, right and wrong, are
 * remembered; the same login asked several times at once is computed once; one whose askers have all gone is not computed.
 *
 * An unknown user's password is compared with a hash of the cost that most users have. So where all users have the same cost,
 * as one tool with one setting makes them, neither time nor status tells who exists, and an unknown user never costs more than
 * a usual one. (exporter-toolkit takes cost 10 always: that hides nobody where the users' cost is another. The highest cost of
 * any user hides no more, and hands the dearest check to everybody.) Users of another cost are found out by the time of a wrong
 * login; `Guard` warns of them.
 */
export class PasswordCheck {
  readonly #right = new LRUCache<string, true>({ max: RIGHT_ONES });
  readonly #wrong = new LRUCache<string, true>({ max: WRONG_ONES });
  readonly #clock: Clock;
  readonly #buckets: LRUCache<string, TokenBucket>;
  readonly #pending = new Map<string, Pending>();
  readonly #queue = new LoginQueue();
  /** Without it, what is remembered would be worth as much to a reader of this memory as the passwords. */
  readonly #secret = randomBytes(32);
  readonly #compare: (password: string, hash: string) => Promise<boolean>;

  /** @param compare computes bcrypt, not in this thread */
  constructor(
    clock: Clock = systemClock,
    compare: (password: string, hash: string) => Promise<boolean> = verify,
  ) {
    this.#clock = clock;
    this.#compare = compare;
    this.#buckets = new LRUCache({
      max: PEERS,
      memoMethod: () => new TokenBucket(WRONG_LOGINS, clock.monotonic()),
    });
  }

  /** Whether the password belongs to the user. Rejects for a hash that cannot be read only. */
  async verify(users: Users, login: Login): Promise<LoginResult> {
    const common = commonCost(users);
    const known = users.get(login.user);
    const cost = String(common).padStart(2, "0");
    const hash = known ?? `$2b$${cost}$${DUMMY_DIGEST}`;
    const key = this.#key(login.user, hash, login.password);
    if (this.#right.get(key)) return "right";
    if (this.#wrong.get(key)) return "wrong";
    if (login.signal?.aborted) return "abandoned";
    let pending = this.#pending.get(key);
    if (pending === undefined) {
      const bucket = this.#buckets.memo(login.peer);
      if (!bucket.take(this.#clock.monotonic())) return "limited";
      pending = this.#begin(key, login, bucket, {
        slow: costOf(hash) > common,
        compute: async () => (await this.#compare(login.password, hash)) && known !== undefined,
      });
    }
    return await this.#await(pending, login.signal);
  }

  /** Puts a check into the queue, under its key for everybody who asks the same meanwhile. */
  #begin(key: string, login: Login, bucket: TokenBucket, check: Check): Pending {
    let settle: (result: Promise<boolean>) => void = () => {};
    const result = new Promise<boolean>((resolve) => {
      settle = resolve;
    });
    const run = async (): Promise<boolean> => {
      try {
        const right = await check.compute();
        if (right) bucket.giveBack();
        (right ? this.#right : this.#wrong).set(key, true);
        return right;
      } finally {
        this.#pending.delete(key);
      }
    };
    const takeOut = this.#queue.add(login, check.slow, () => {
      const running = run();
      settle(running);
      return running;
    });
    const withdraw = (): void => {
      if (!takeOut()) return;
      this.#pending.delete(key);
      bucket.giveBack();
    };
    const pending = { result, withdraw, waiting: 0 };
    this.#pending.set(key, pending);
    return pending;
  }

  /** Waits for a check as long as the client does. The last one to go takes the check out of the queue. */
  async #await(pending: Pending, signal?: AbortSignal): Promise<LoginResult> {
    pending.waiting += 1;
    let gone = (): void => {};
    const abandoned = new Promise<"abandoned">((resolve) => {
      gone = (): void => {
        pending.waiting -= 1;
        if (pending.waiting === 0) pending.withdraw();
        resolve("abandoned");
      };
      signal?.addEventListener("abort", gone, { once: true });
    });
    try {
      const result = await Promise.race([pending.result, abandoned]);
      if (result === "abandoned") return result;
      return result ? "right" : "wrong";
    } finally {
      signal?.removeEventListener("abort", gone);
    }
  }

  /** Each part is written with its end marked, so that no two triples of user, hash and password look alike. */
  #key(user: string, hash: string, password: string): string {
    const triple = JSON.stringify([user, hash, password]);
    return createHmac("sha256", this.#secret).update(triple).digest("base64");
  }
}
