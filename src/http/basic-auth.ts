import { createHmac, randomBytes } from "node:crypto";
import { verify } from "@node-rs/bcrypt";

/** Users and their bcrypt hashes. */
export type Users = ReadonlyMap<string, string>;

/** Logins remembered. Only right ones are, so that wrong ones cannot push them out. */
const REMEMBERED = 100;

/** Salt and digest of no password in particular; what an unknown user's password is compared with. */
const DUMMY_DIGEST = "T00bm8qXOlx2dMfZ./Rw/uxkh8ibsfw82oQa/q6c3uwxf8Je/mp5.";

/** Whether a text is a bcrypt hash: version, cost 04 to 31, 22 characters of salt and 31 of digest. */
export function isBcryptHash(text: string): boolean {
  return /^\$2[abxy]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/.test(text);
}

/** User and password of an Authorization header (RFC 7617); undefined if it is no such header. */
export function readCredentials(
  header: string | undefined,
): { readonly user: string; readonly password: string } | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 0) return undefined;
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** An unknown user costs as much time as a known one, so that the time says nothing about who exists. */
function dummyHash(users: Users): string {
  const costs = [...users.values()].map((hash) => hash.slice(4, 6)).sort();
  return `$2b$${costs.at(-1) ?? "10"}$${DUMMY_DIGEST}`;
}

/**
 * Checks passwords with bcrypt in the native thread pool, one at a time: a flood of logins must leave the
 * pool, which also compresses and resolves, to the others.
 */
export class PasswordCheck {
  readonly #remembered = new Set<string>();
  /** Without it, what is remembered would be worth as much to a reader of this memory as the passwords. */
  readonly #secret = randomBytes(32);
  #last: Promise<unknown> = Promise.resolve();

  /** Whether the password belongs to the user. Never rejects for a well-formed hash. */
  async verify(users: Users, user: string, password: string): Promise<boolean> {
    const hash = users.get(user);
    if (hash === undefined) {
      await this.#inTurn(() => verify(password, dummyHash(users)));
      return false;
    }
    const key = this.#key(user, hash, password);
    if (this.#remembered.has(key)) return true;
    // Somebody ahead in the queue may have asked the same.
    const right = await this.#inTurn(
      async () => this.#remembered.has(key) || verify(password, hash),
    );
    if (right) this.#remember(key);
    return right;
  }

  #inTurn(check: () => Promise<boolean>): Promise<boolean> {
    const mine = this.#last.then(check);
    this.#last = mine.catch(() => {});
    return mine;
  }

  #remember(key: string): void {
    const oldest = this.#remembered.values().next();
    if (this.#remembered.size >= REMEMBERED && !oldest.done) this.#remembered.delete(oldest.value);
    this.#remembered.add(key);
  }

  /** Each part is written with its end marked, so that no two triples of user, hash and password look alike. */
  #key(user: string, hash: string, password: string): string {
    const triple = JSON.stringify([user, hash, password]);
    return createHmac("sha256", this.#secret).update(triple).digest("base64");
  }
}
