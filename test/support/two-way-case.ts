import type { Random } from "./random.ts";
import {
  addressOf,
  type Cable,
  DESTINATION,
  type Impairment,
  SOURCE,
  TwoWayNetwork,
  type TwoWayPlan,
} from "./two-way-network.ts";

/** Kinds of faults; "there" and "back": towards the destination alone, or the source. */
export const TWO_WAY_FAULTS = [
  "router dead",
  "router drops",
  "router drops there",
  "router drops back",
  "cable dead",
  "cable dead there",
  "cable dead back",
  "cable loses",
  "cable loses there",
  "router loses",
  "router loses there",
  "router loses back",
  "destination loses",
  "entry drops",
  "none",
] as const;
export type TwoWayFaultName = (typeof TWO_WAY_FAULTS)[number];

/** What is broken, as a judge needs it. */
export interface TwoWayFault {
  readonly name: TwoWayFaultName;
  readonly loss: number;
  readonly impairments: readonly Impairment[];
  /** On the way there; undefined for what only answers meet. */
  readonly router?: string;
  readonly cable?: number;
}

/** A network with its fault. */
export interface TwoWayCase {
  readonly network: TwoWayNetwork;
  readonly fault: TwoWayFault;
  /** What the network looks like, in a few words. */
  readonly text: string;
}

/** Draws a network and a fault of a kind. The same random numbers draw the same. */
export function drawTwoWayCase(random: Random, name: TwoWayFaultName): TwoWayCase {
  const fabric = new Fabric();
  const shape = drawShape(random, fabric);
  const answersFrom = random.pick(["incoming", "incoming", "outgoing", "loopback"] as const);
  const plan: TwoWayPlan = {
    ...fabric.plan(),
    answersFrom,
    hashesQuoted: random.chance(0.4),
    limited: random.chance(0.8),
  };
  const network = new TwoWayNetwork(plan, random);
  const fault = drawFault(random, network, name);
  const traits = [answersFrom, plan.hashesQuoted ? "quoted" : "outer", plan.limited ? "" : "free"];
  return { network, fault, text: `${shape} ${traits.join(" ")}` };
}

/** Collects cables and the ways over them. */
class Fabric {
  readonly #cables: Cable[] = [];
  readonly #there: Map<string, number[]> = new Map();
  readonly #back: Map<string, number[]> = new Map();

  /** A cable on the way there, on the way back, or both. */
  join(a: string, b: string, on: "there" | "back" | "both" = "both"): void {
    const number = this.#cables.length;
    const [first, second] = [number * 2, number * 2 + 1];
    this.#cables.push({ ends: [a, b], addresses: [addressOf(1, first), addressOf(1, second)] });
    if (on !== "back") this.#there.set(a, [...(this.#there.get(a) ?? []), number]);
    if (on !== "there") this.#back.set(b, [...(this.#back.get(b) ?? []), number]);
  }

  /** Answers of this node leave it by these cables only. */
  backBy(node: string, neighbours: readonly string[]): void {
    const cables = this.#cables.flatMap(({ ends }, number) =>
      neighbours.some((other) => ends.includes(other) && ends.includes(node)) ? [number] : [],
    );
    this.#back.set(node, cables);
  }

  plan(): Pick<TwoWayPlan, "cables" | "there" | "back"> {
    return { cables: this.#cables, there: this.#there, back: this.#back };
  }
}

function drawShape(random: Random, fabric: Fabric): string {
  const shape = random.pick(["stages", "stages", "mesh", "leaf-spine", "unlike"] as const);
  const chain = (from: string, prefix: string, length: number): string => {
    let at = from;
    for (let n = 1; n <= length; n += 1) {
      fabric.join(at, `${prefix}${n}`);
      at = `${prefix}${n}`;
    }
    return at;
  };
  const head = chain(SOURCE, "h", random.pick([1, 1, 1, 2, 3]));
  const first = "t1";
  let text = "";
  switch (shape) {
    case "stages":
    case "mesh": {
      const widths = Array.from({ length: random.between(1, 3) }, () =>
        random.pick([2, 3, 3, 4, 4, 6]),
      );
      if (widths.length === 1) widths[0] = random.between(2, 9);
      text = `${shape} ${widths.join("x")}`;
      let before = [head];
      widths.forEach((width, stage) => {
        const now = Array.from({ length: width }, (_, at) => `${"abc"[stage]}${at + 1}`);
        const met = new Set<string>();
        before.forEach((from, at) => {
          const some = now.filter(
            (_, to) =>
              shape === "stages" ||
              before.length === 1 ||
              (to + at) % width < 2 ||
              random.chance(0.2),
          );
          for (const to of some) fabric.join(from, to);
          for (const to of some) met.add(to);
        });
        for (const to of now) if (!met.has(to)) fabric.join(before[0] ?? head, to);
        before = now;
      });
      for (const from of before) fabric.join(from, first);
      break;
    }
    case "leaf-spine": {
      const spines = random.between(2, 7);
      const parallel = random.pick([1, 1, 2, 3]);
      text = `leaf-spine ${spines}${parallel > 1 ? `, ${parallel} cables` : ""}`;
      for (let n = 1; n <= spines; n += 1) {
        for (let k = 0; k < parallel; k += 1) fabric.join(head, `s${n}`);
        for (let k = 0; k < parallel; k += 1) fabric.join(`s${n}`, first);
      }
      break;
    }
    case "unlike": {
      const branches = random.between(2, 5);
      const lengths = Array.from({ length: branches }, () => random.between(1, 4));
      text = `branches of ${lengths.join(", ")}`;
      for (const [at, length] of lengths.entries())
        fabric.join(chain(head, "abcde"[at] ?? "x", length), first);
      break;
    }
  }
  let tail = first;
  for (let n = 2, more = random.pick([0, 0, 0, 1, 2]); n < 2 + more; n += 1) {
    fabric.join(tail, `t${n}`);
    tail = `t${n}`;
  }
  fabric.join(tail, DESTINATION);
  if (random.chance(0.3)) {
    // Answers of what lies behind have routers of their own.
    const own = random.between(1, 4);
    const names = Array.from({ length: own }, (_, at) => `x${at + 1}`);
    for (const name of names) {
      fabric.join(name, first, "back");
      fabric.join(head, name, "back");
    }
    fabric.backBy(first, names);
    text += `, back by ${own}`;
  }
  return text;
}

function drawFault(random: Random, network: TwoWayNetwork, name: TwoWayFaultName): TwoWayFault {
  const { cables, there } = network.plan;
  const side = (parts: string): "there" | "back" | undefined =>
    parts.endsWith(" there") ? "there" : parts.endsWith(" back") ? "back" : undefined;
  const towards = side(name);
  const loss = name.includes("loses") ? random.pick([0.1, 0.2, 0.3, 0.6]) : 1;
  if (name === "none") return { name, loss, impairments: [] };
  if (name === "destination loses") {
    return { name, loss, impairments: [{ kind: "destination", loss }] };
  }
  // What some ways cross and others do not.
  const isShared = (node: string): boolean => /^[ht]|src|dst/.test(node);
  if (name.startsWith("router")) {
    const isBack = towards === "back";
    const all = network.routers.filter(
      (router) => !isShared(router) && (isBack || !router.startsWith("x")),
    );
    const ownBack = all.filter((router) => router.startsWith("x"));
    const router = random.pick(isBack && ownBack.length > 1 ? ownBack : all);
    const impairment: Impairment =
      name === "router dead"
        ? { kind: "dead", router }
        : { kind: "forwarding", router, loss, ...(towards === undefined ? {} : { towards }) };
    return { name, loss, impairments: [impairment], ...(isBack ? {} : { router }) };
  }
  const candidates = cables.flatMap(({ ends }, number) => {
    const isUsed = [...there.values()].some((some) => some.includes(number));
    return isUsed && ends.some((end) => !isShared(end)) ? [number] : [];
  });
  const cable = random.pick(candidates);
  const [near, far] = cables[cable]?.ends ?? ["", ""];
  if (name === "entry drops")
    return { name, loss, impairments: [{ kind: "entry", cable, router: far }], cable };
  const into = towards === undefined ? {} : { into: towards === "there" ? far : near };
  const impairments: Impairment[] = [{ kind: "cable", cable, loss, ...into }];
  return { name, loss, impairments, ...(towards === "back" ? {} : { cable }) };
}
