import type { Lab } from "./lab.ts";

const TABLE = "ip ecl_truth";

/**
 * An nftables table that records which flows a router was handed, before any fault can act on them: the source
 * ports (echo identifiers) of all packets to `services`, TTL-limited ones included.
 */
export function truthTable(services: readonly string[]): string {
  const to = services.length > 0 ? `ip daddr { ${services.join(", ")} }` : "ip daddr 0.0.0.0";
  return `table ${TABLE} {
  set ports { type inet_service; flags dynamic; }
  set identifiers { typeof icmp id; flags dynamic; }
  chain record {
    type filter hook prerouting priority -400;
    ${to} meta l4proto { tcp, udp } add @ports { th sport }
    ${to} icmp type echo-request add @identifiers { icmp id }
  }
}`;
}

/** What a router really saw. */
export class Truth {
  readonly #lab: Lab;
  readonly #router: string;

  constructor(lab: Lab, router: string) {
    this.#lab = lab;
    this.#router = router;
  }

  /** Source ports of TCP and UDP packets to the services since the last reset. */
  ports(): Promise<Set<number>> {
    return this.#read("ports");
  }

  /** Echo identifiers, likewise. */
  identifiers(): Promise<Set<number>> {
    return this.#read("identifiers");
  }

  /** Forgets everything recorded. */
  async reset(): Promise<void> {
    await this.#lab.nft(this.#router, `flush set ${TABLE} ports\nflush set ${TABLE} identifiers\n`);
  }

  async #read(set: string): Promise<Set<number>> {
    const args = ["nft", "--json", "list", "set", ...TABLE.split(" "), set];
    const listing: unknown = JSON.parse(await this.#lab.exec(this.#router, args));
    return new Set(elements(listing));
  }
}

/** Numbers of `nft --json list set`; a set that was never filled has no `elem`. */
function elements(listing: unknown): number[] {
  const { nftables } = listing as {
    nftables: { set?: { elem?: (number | { elem: { val: number } })[] } }[];
  };
  return nftables
    .flatMap((entry) => entry.set?.elem ?? [])
    .map((elem) => (typeof elem === "number" ? elem : elem.elem.val));
}
