/** Which addresses are one router's, as far as there is ground to say so. */
export interface RouterNames {
  /** Grows whenever another answer is given for some address. */
  readonly version: number;
  /** The router of an address; undefined where its identity is not known, so that the address stands for itself. */
  routerOf(address: string): { readonly router: string } | undefined;
}

/** Knows no router: every address stands for itself. */
export const NO_NAMES: RouterNames = { version: 0, routerOf: () => undefined };
