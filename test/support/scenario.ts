import type { FlowEvidence, HopAddress, LocalizeCase } from "../../src/localize/case.ts";

/** A scenario file, read. */
export interface Scenario {
  readonly input: LocalizeCase;
  readonly verdict: string;
  /** Expected suspects as `from > to segment`, sorted. */
  readonly suspects: readonly string[];
}

/**
 * Reads a scenario: `target ADDRESS`, `link FROM TO` for each known link, `flow xN FAILURES/PROBES path HOPS [seen HOPS]
 * [last HOP] [streak N]` for N flows alike (`*`: a silent hop, `?`: never seen healthy), `expect VERDICT` and
 * `suspect FROM > TO SEGMENT`. Without `last` a failing flow's last hop is the last that was seen.
 */
export function readScenario(text: string): Scenario {
  let target = "";
  let verdict = "";
  const flows: FlowEvidence[] = [];
  const links: [string, string][] = [];
  const suspects: string[] = [];
  for (const line of text.split("\n")) {
    const [word = "", ...rest] = line.trim().split(/\s+/);
    const [first = "", second = ""] = rest;
    if (word === "target") {
      target = first;
    } else if (word === "link") {
      links.push([first, second]);
    } else if (word === "expect") {
      verdict = first;
    } else if (word === "suspect") {
      suspects.push(rest.join(" "));
    } else if (word === "flow") {
      for (let i = 0; i < Number(first.slice(1)); i++) {
        flows.push(readFlow(flows.length, target, rest));
      }
    } else if (word !== "" && !word.startsWith("#")) {
      throw new Error(`scenario line not understood: ${line}`);
    }
  }
  return {
    input: { target, flows, known_links: links },
    verdict,
    suspects: suspects.sort(),
  };
}

function readFlow(bucket: number, target: string, words: readonly string[]): FlowEvidence {
  const [failures = 0, probes = 0] = (words[1] ?? "").split("/").map(Number);
  const parts = new Map<string, string[]>();
  let part: string[] = [];
  for (const word of words.slice(2)) {
    if (/^[a-z]+$/.test(word) && word !== "none") {
      part = [];
      parts.set(word, part);
    } else {
      part.push(word);
    }
  }
  const hops = (name: string): HopAddress[] =>
    (parts.get(name) ?? []).map((hop) => (hop === "*" ? null : hop));
  const seen = hops("seen");
  const [last] = parts.get("last") ?? [];
  const [streak] = parts.get("streak") ?? [];
  const alive = failures === 0 ? target : "unknown";
  return {
    bucket,
    source_port: 61000 + bucket,
    path: parts.get("path")?.[0] === "?" ? null : hops("path"),
    seen,
    probes,
    failures,
    last_hop: last ?? seen.at(-1) ?? alive,
    ...(streak === undefined ? {} : { streak: Number(streak) }),
  };
}
