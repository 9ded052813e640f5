import { answeredHops } from "../view/answered-hops.ts";
import type { LinkView, TargetView } from "../view/target-view.ts";
import { count, percent } from "../view/words.ts";

/** A hop in the tree, with the flows that were seen to come by. */
interface Branch {
  flows: number;
  failing: number;
  readonly next: Map<string, Branch>;
}

/** Beyond this width the branches are drawn closer to each other, characters. */
const WIDTH = 80;
const WIDE = { fork: "├─ ", end: "└─ ", line: "│  ", blank: "   " } as const;
const NARROW = { fork: "├", end: "└", line: "│", blank: " " } as const;

/** Stands for a hop that does not answer, and for the unknown one at which a failing flow ends. */
const SILENT = "*";
const LOST = "?";

/**
 * The ways of all flows as a tree that grows from the source, one hop a line, each with how many flows come by, how many
 * of them fail, and what the link before it loses where that is a part only. Failing flows end in a question mark behind
 * the last hop that answered.
 */
export function topologyTree(view: Pick<TargetView, "flows" | "paths" | "links">): string[] {
  const root: Branch = { flows: 0, failing: 0, next: new Map() };
  const paths = new Map(view.paths.map(({ id, hops }) => [id, hops]));
  const ways = view.flows.flatMap(({ state, seen, path, last_result }) => {
    const failing = state === "failing";
    // A refusal comes from the target: its flow takes the whole path.
    const cut = failing && last_result !== "refused";
    const hops = cut ? seen && [...answeredHops(seen), LOST] : paths.get(path ?? "");
    return hops === undefined ? [] : [{ hops, failing }];
  });
  const before = hopsBefore(ways.map(({ hops }) => hops));
  for (const { hops, failing } of ways) grow(root, filled(hops, before), failing);
  const unknown = view.flows.length - ways.length;
  const losses = new Map(view.links.map((link) => [`${link.from} ${link.to}`, lossWords(link)]));
  const wide = draw(root.next, { indent: "", before: null, losses, strokes: WIDE });
  const lines = wide.every((line) => line.length <= WIDTH)
    ? wide
    : draw(root.next, { indent: "", before: null, losses, strokes: NARROW });
  return unknown === 0 ? lines : [...lines, `not traced: ${unknown}`];
}

/** By TTL and hop: the hops that were met right before it. */
function hopsBefore(ways: readonly (readonly (string | null)[])[]): Map<string, Set<string>> {
  const before = new Map<string, Set<string>>();
  for (const hops of ways) {
    hops.forEach((hop, index) => {
      const previous = hops[index - 1];
      if (hop === null || hop === LOST || typeof previous !== "string") return;
      const key = `${index} ${hop}`;
      before.set(key, (before.get(key) ?? new Set()).add(previous));
    });
  }
  return before;
}

/** A gap is filled where only one hop was ever met before the next: its rate limit was used up. */
function filled(
  hops: readonly (string | null)[],
  before: ReadonlyMap<string, ReadonlySet<string>>,
): (string | null)[] {
  return hops.map((hop, index) => {
    const [only, ...others] = before.get(`${index + 1} ${hops[index + 1]}`) ?? [];
    return hop ?? (others.length === 0 ? (only ?? null) : null);
  });
}

function grow(root: Branch, hops: readonly (string | null)[], failing: boolean): void {
  let at = root;
  for (const hop of hops) {
    const name = hop ?? SILENT;
    const next = at.next.get(name) ?? { flows: 0, failing: 0, next: new Map() };
    next.flows += 1;
    next.failing += failing ? 1 : 0;
    at.next.set(name, next);
    at = next;
  }
}

/** Where in the tree a draw stands. */
interface Place {
  readonly indent: string;
  /** The hop that the branches grow from; null for this host. */
  readonly before: string | null;
  /** What links lose, by `from to`. */
  readonly losses: ReadonlyMap<string, string>;
  readonly strokes: typeof WIDE | typeof NARROW;
}

function draw(branches: ReadonlyMap<string, Branch>, place: Place): string[] {
  const { indent, before, losses, strokes } = place;
  const sorted = [...branches].sort(([a], [b]) => byAddress(a, b));
  return sorted.flatMap(([name, { flows, failing, next }], index) => {
    const last = index === sorted.length - 1;
    const failed = failing === 0 ? "" : failing === flows ? ", all fail" : `, ${failing} fail`;
    const lost = failing === flows ? "" : (losses.get(`${before} ${name}`) ?? "");
    const line = `${indent}${last ? strokes.end : strokes.fork}${name}  ${count(flows, "flow")}${failed}${lost}`;
    const inner = `${indent}${last ? strokes.blank : strokes.line}`;
    return [line, ...draw(next, { ...place, indent: inner, before: name })];
  });
}

function lossWords({ probes, failures }: LinkView): string {
  return failures === 0 ? "" : `, ${percent(failures / probes)} lost`;
}

/** 10.0.0.9 before 10.0.0.10, whatever the length. */
function byAddress(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
