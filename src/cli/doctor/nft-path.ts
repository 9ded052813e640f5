import { type Fit, fits } from "./nft-match.ts";
import type { NftChain, NftRule, NftRuleset } from "./nft-ruleset.ts";
import type { SamplePacket } from "./sample-packet.ts";

/** What a rule or a chain's policy does to a packet. */
export interface Effect {
  readonly kind: "drop" | "translate";
  /** False where it depends on something that only the kernel knows. */
  readonly certain: boolean;
  /** Which rule: `rule 7 of chain inet filter output`. */
  readonly where: string;
}

/** Statements that change addresses or ports. */
const TRANSLATIONS = ["dnat", "snat", "masquerade", "redirect"];
/** Nested chains deeper than the kernel allows are a mistake of ours. */
const DEEPEST = 16;

/** What happens to a packet at a hook: drops and translations, in the order in which it meets them. */
export function effectsAt(hook: string, packet: SamplePacket, ruleset: NftRuleset): Effect[] {
  return ruleset
    .filter((chain) => chain.hook === hook && speaksOf(chain, packet))
    .flatMap((chain) => {
      const walk = new Walk(ruleset, packet);
      const end = walk.through(chain, "yes", 0);
      if (end !== "yes" && chain.policy === "drop") {
        walk.effects.push({
          kind: "drop",
          certain: end === "no",
          where: `the policy of chain ${nameOf(chain)}`,
        });
      }
      return walk.effects;
    });
}

class Walk {
  readonly effects: Effect[] = [];
  readonly #ruleset: NftRuleset;
  readonly #packet: SamplePacket;

  constructor(ruleset: NftRuleset, packet: SamplePacket) {
    this.#ruleset = ruleset;
    this.#packet = packet;
  }

  /** Goes through a chain that the packet may reach. @returns whether its fate is settled at the end */
  through(chain: NftChain, reached: Fit, depth: number): Fit {
    let settled: Fit = "no";
    for (const rule of chain.rules) {
      // What may have been settled before only maybe gets here.
      const here = settled === "maybe" ? "maybe" : reached;
      const met = both(here, this.#meets(rule));
      if (met === "no") continue;
      const end = this.#apply(rule, chain, met, depth);
      if (end === "return") return settled;
      if (end === "yes") return "yes";
      if (end === "maybe") settled = "maybe";
    }
    return settled;
  }

  #meets({ statements }: NftRule): Fit {
    let fit: Fit = "yes";
    for (const statement of statements) {
      if ("match" in statement) {
        fit = both(
          fit,
          fits(statement["match"] as Readonly<Record<string, unknown>>, this.#packet),
        );
      } else if ("xt" in statement || "limit" in statement || "vmap" in statement) {
        fit = both(fit, "maybe");
      }
      if (fit === "no") return "no";
    }
    return fit;
  }

  #apply(rule: NftRule, chain: NftChain, met: Fit, depth: number): Fit | "return" {
    const where = `rule ${rule.handle} of chain ${nameOf(chain)}`;
    const certain = met === "yes";
    for (const statement of rule.statements) {
      const [kind = ""] = Object.keys(statement);
      if (kind === "drop" || kind === "reject") {
        this.effects.push({ kind: "drop", certain, where });
        return met;
      }
      if (TRANSLATIONS.includes(kind)) {
        this.effects.push({ kind: "translate", certain, where });
        return met;
      }
      if (kind === "accept") return met;
      if (kind === "return") return certain ? "return" : "no";
      if (kind === "jump" || kind === "goto") {
        const { target } = statement[kind] as { target: string };
        const next = this.#ruleset.find(
          ({ family, table, name }) =>
            family === chain.family && table === chain.table && name === target,
        );
        if (next === undefined || depth >= DEEPEST) return "no";
        const end = this.through(next, met, depth + 1);
        if (kind === "goto" && certain && end === "no") return "return";
        return end === "yes" ? met : end;
      }
    }
    return "no";
  }
}

function both(one: Fit, other: Fit): Fit {
  if (one === "no" || other === "no") return "no";
  return one === "yes" && other === "yes" ? "yes" : "maybe";
}

function speaksOf({ family }: NftChain, packet: SamplePacket): boolean {
  return family === "inet" || family === (packet.family === 4 ? "ip" : "ip6");
}

function nameOf({ family, table, name }: NftChain): string {
  return `${family} ${table} ${name}`;
}
