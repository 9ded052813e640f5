import { isIP } from "node:net";

/** How short names are completed (resolv.conf(5)). */
export interface Search {
  readonly domains: readonly string[];
  /** Names with so many dots or more are asked for as they are first. */
  readonly ndots: number;
}

const MOST_NDOTS = 15;

/** The addresses that a hosts file (hosts(5)) gives a name, of these families, in its order. */
export function readHosts(text: string, host: string, families: readonly (4 | 6)[]): string[] {
  const wanted = host.toLowerCase().replace(/\.$/, "");
  return text.split("\n").flatMap((line) => {
    const [address = "", ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    const fits = families.some((family) => isIP(address) === family);
    return fits && names.some((name) => name.toLowerCase() === wanted) ? [address] : [];
  });
}

/** The search domains and `ndots` of a resolv.conf; the last `search` or `domain` line counts. */
export function readSearch(text: string): Search {
  let domains: string[] = [];
  let ndots = 1;
  for (const line of text.split("\n")) {
    const [keyword, ...values] = line
      .replace(/[#;].*/, "")
      .trim()
      .split(/\s+/);
    if (keyword === "search") domains = values.filter((domain) => domain !== ".");
    if (keyword === "domain") domains = values.slice(0, 1);
    for (const option of keyword === "options" ? values : []) {
      const given = /^ndots:(\d+)$/.exec(option)?.[1];
      if (given !== undefined) ndots = Math.min(MOST_NDOTS, Number(given));
    }
  }
  return { domains: domains.map((domain) => domain.replace(/\.$/, "")), ndots };
}
