import type { Address } from "../packet/address.ts";

/** An address that works is kept for this long after the last answer that named it. */
const WORKING_KEPT_MS = 600_000;
/** One at which every flow fails goes earlier: a server that was shut down leaves the answers, too. */
const FAILING_KEPT_MS = 60_000;
/** A name stands for no more addresses than this. */
const MOST_ADDRESSES = 256;

/**
 * The addresses of one name with `resolve: all`. Name servers often answer with another part of a long list each time;
 * an address that is missing once is therefore kept for a while, so that its target does not come and go.
 */
export class KeptAddresses {
  /** When an answer named it last, by the address's text. */
  readonly #named: Map<string, { readonly address: Address; at: number }> = new Map();

  /**
   * Takes an answer.
   * @param failing texts of addresses at which every flow fails
   * @param now milliseconds, of a clock that only goes forward
   * @returns the addresses that the name stands for now, sorted by text
   */
  after(answered: readonly Address[], failing: ReadonlySet<string>, now: number): Address[] {
    for (const address of answered) this.#named.set(address.text, { address, at: now });
    for (const [text, { at }] of this.#named) {
      const limit = failing.has(text) ? FAILING_KEPT_MS : WORKING_KEPT_MS;
      if (now - at >= limit) this.#named.delete(text);
    }
    // The longest missing go first where there are too many.
    const latest = [...this.#named.values()].sort((a, b) => b.at - a.at).slice(0, MOST_ADDRESSES);
    return latest.map(({ address }) => address).sort((a, b) => (a.text < b.text ? -1 : 1));
  }
}
