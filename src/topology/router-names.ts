import type { IncomingInterface } from "./incoming-interfaces.ts";

/** Which addresses are one router's, as far as there is ground to say so. */
export interface RouterNames {
  /** Grows whenever another answer is given for some address. */
  readonly version: number;
  /** The router of an address; undefined where its identity is not known, so that the address stands for itself. */
  routerOf(address: string): { readonly router: string; readonly source?: string } | undefined;
  /** A hop has named an interface that packets come in by as its own (RFC 5837). */
  named?(hop: string, incoming: IncomingInterface, now: number): void;
  /** The ICMP errors of two addresses come out of one rate limit. */
  sharesLimit?(a: string, b: string, now: number): void;
  /**
   * A flow's way was learnt, which may prove that addresses are one router's, or that they are not.
   * @param hops by TTL from 1, the destination last; null for one that is not known
   */
  learnt?(flow: string, hops: readonly (string | null)[], now: number): void;
}

/** Knows no router: every address stands for itself. */
export const NO_NAMES: RouterNames = { version: 0, routerOf: () => undefined };
