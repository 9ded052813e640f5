/** Who asks for a check. */
export interface Asker {
  /** Where the request comes from: an address, or the network of one. */
  readonly peer: string;
  /** The user named in the request, whether there is one or not. */
  readonly user: string;
}

/** A check that waits for its turn. */
interface Waiting {
  readonly slow: boolean;
  readonly run: () => Promise<unknown>;
}

/** Checks at once. bcrypt runs in libuv's pool of four threads, which also compresses, resolves names and reads files. */
const SLOTS = 2;

/** The first entry of a map goes to its end, or out if it is empty now. */
function moveOn<K, V extends { readonly size: number }>(map: Map<K, V>, key: K, value: V): void {
  map.delete(key);
  if (value.size > 0) map.set(key, value);
}

/**
 * Runs password checks, two at once and in fair turns: round robin over the peers, and for each peer over the users it names.
 * So a peer that floods delays itself, and everybody else by one check. Turns do not depend on whether a user exists, so that
 * a flood cannot find that out either. Slow checks take one of the two slots at most.
 */
export class LoginQueue {
  readonly #peers = new Map<string, Map<string, Set<Waiting>>>();
  #running = 0;
  #slowRunning = 0;

  /** Checks that have not begun. */
  get waiting(): number {
    let count = 0;
    for (const users of this.#peers.values()) {
      for (const checks of users.values()) count += checks.size;
    }
    return count;
  }

  /**
   * Puts a check into the queue.
   * @param slow it takes longer than most
   * @param run begins the check when its turn has come; must not throw
   * @returns takes the check out of the queue if it has not begun: true if it had not
   */
  add({ peer, user }: Asker, slow: boolean, run: () => Promise<unknown>): () => boolean {
    const users = this.#peers.get(peer) ?? new Map<string, Set<Waiting>>();
    const checks = users.get(user) ?? new Set<Waiting>();
    const check = { slow, run };
    checks.add(check);
    users.set(user, checks);
    this.#peers.set(peer, users);
    this.#start();
    return () => {
      if (!checks.delete(check)) return false;
      if (checks.size === 0) users.delete(user);
      if (users.size === 0) this.#peers.delete(peer);
      return true;
    };
  }

  #start(): void {
    while (this.#running < SLOTS) {
      const next = this.#next();
      if (next === undefined) return;
      this.#running += 1;
      if (next.slow) this.#slowRunning += 1;
      const ended = (): void => {
        this.#running -= 1;
        if (next.slow) this.#slowRunning -= 1;
        this.#start();
      };
      next.run().then(ended, ended);
    }
  }

  /** Takes out the check whose turn it is; undefined if none may begin now. */
  #next(): Waiting | undefined {
    for (const [peer, users] of this.#peers) {
      for (const [user, checks] of users) {
        for (const check of checks) {
          if (check.slow && this.#slowRunning > 0) continue;
          checks.delete(check);
          moveOn(users, user, checks);
          moveOn(this.#peers, peer, users);
          return check;
        }
      }
    }
    return undefined;
  }
}
