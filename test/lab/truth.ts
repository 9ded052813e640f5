import type { Lab } from "./lab.ts";
import type { Topology } from "./topology.ts";

const NAME = "ecl_truth";

/**
 * An nftables table that records which flows a router was handed, before any fault can act on them: the source
 * ports (echo identifiers) of all packets to `services`, TTL-limited ones included. Not of resets: the kernel's own have
 * IPv6 flow labels of their own, so they may go another way than their flow.
 */
export function truthTable({ plan, services }: Topology): string {
  const { nft, nowhere } = plan;
  const icmp = nft === "ip" ? "icmp" : "icmpv6";
  const to = `${nft} daddr { ${services.length > 0 ? services.join(", ") : nowhere} }`;
  return `table ${nft} ${NAME} {
  set ports { type inet_service; flags dynamic; }
  set identifiers { typeof ${icmp} id; flags dynamic; }
  chain record {
    type filter hook prerouting priority -400;
    ${to} meta l4proto udp add @ports { th sport }
    ${to} tcp flags & rst == 0 add @ports { th sport }
    ${to} ${icmp} type echo-request add @identifiers { ${icmp} id }
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
    await this.#lab.nft(
      this.#router,
      `flush set ${this.#table} ports\nflush set ${this.#table} identifiers\n`,
    );
  }

  get #table(): string {
    return `${this.#lab.topology.plan.nft} ${NAME}`;
  }

  async #read(set: string): Promise<Set<number>> {
    const args = ["nft", "--json", "list", "set", ...this.#table.split(" "), set];
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
