/** A chain as `nft -j list ruleset` has it. */
export interface NftChain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  /** Of base chains: filter, nat, route. */
  readonly type: string | undefined;
  readonly hook: string | undefined;
  readonly policy: string | undefined;
  readonly rules: readonly NftRule[];
}

/** A rule: its statements in their order, as nft's JSON has them (libnftables-json(5)). */
export interface NftRule {
  readonly handle: number;
  readonly statements: readonly Readonly<Record<string, unknown>>[];
}

/** All chains of the host. */
export type NftRuleset = readonly NftChain[];

/** Reads the JSON of `nft -j list ruleset`. @throws Error where it is none */
export function parseRuleset(text: string): NftRuleset {
  const { nftables } = JSON.parse(text) as {
    nftables: readonly Readonly<Record<string, Readonly<Record<string, unknown>>>>[];
  };
  const chains = new Map<string, NftChain & { rules: NftRule[] }>();
  for (const { chain } of nftables) {
    if (chain === undefined) continue;
    const made = {
      family: String(chain["family"]),
      table: String(chain["table"]),
      name: String(chain["name"]),
      type: word(chain["type"]),
      hook: word(chain["hook"]),
      policy: word(chain["policy"]),
      rules: [],
    };
    chains.set(`${made.family} ${made.table} ${made.name}`, made);
  }
  for (const { rule } of nftables) {
    if (rule === undefined) continue;
    const of = chains.get(`${rule["family"]} ${rule["table"]} ${rule["chain"]}`);
    of?.rules.push({
      handle: Number(rule["handle"]),
      statements: rule["expr"] as NftRule["statements"],
    });
  }
  return [...chains.values()];
}

function word(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
