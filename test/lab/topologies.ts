import {
  defineLab,
  type LabSpec,
  type LinkSpec,
  type NodeSpec,
  type Topology,
} from "./topology.ts";

/** The virtual address that the ready-made labs probe (TEST-NET-1, RFC 5737). */
export const VIP = "192.0.2.10";

/** The same in IPv6 (RFC 3849). */
export const VIP6 = "2001:db8:ffff::10";

/** The virtual address of a ready-made lab. */
export function vipOf({ family }: Pick<LabSpec, "family">): string {
  return family === 6 ? VIP6 : VIP;
}

/** What a ready-made lab leaves open. */
export type LabOptions = Pick<
  LabSpec,
  "answersFrom" | "family" | "hashFields" | "hostAccess" | "seed"
>;

/**
 * The story: one stage of parallel routers.
 * ```
 *                ┌─ r2 ─┐
 *  client ── r1 ─┼─ …  ─┼─ r(n+2) ── vip (192.0.2.10)
 *                └r(n+1)┘
 * ```
 * With n = 8 the joining router is r10, and r8 is one of the eight.
 */
export function story(parallel: number, options: LabOptions = {}): Topology {
  const middle = names("r", parallel, 2);
  const join = `r${parallel + 2}`;
  return stages(`story${parallel}`, [["r1"], middle, [join]], options);
}

/**
 * Two stages, fully meshed: `first` × `second` paths.
 * ```
 *                ┌─ a1 ─┬─ b1 ─┐
 *  client ── r1 ─┼─ a2 ─╳─ b2 ─┼─ r2 ── vip
 *                └─ a3 ─┴─ …  ─┘
 * ```
 */
export function twoStage(first: number, second: number, options: LabOptions = {}): Topology {
  const layers = [["r1"], names("a", first), names("b", second), ["r2"]];
  return stages(`stage${first}x${second}`, layers, options);
}

/**
 * A leaf-spine mesh: `leaves` leaves, each with a link to each of `spines` spines; the client's router is
 * joined to the leaf pair l1 and l2, the service stands behind the last two leaves.
 * ```
 *                ┌─ l1 ─┐   s1 … sn   ┌ l(n-1) ┐
 *  client ── r1 ─┤      ├── (mesh) ───┤        ├─ r2 ── vip
 *                └─ l2 ─┘             └─ l(n) ─┘
 * ```
 */
export function leafSpine(spines: number, leaves: number, options: LabOptions = {}): Topology {
  const leaf = names("l", leaves);
  const spine = names("s", spines);
  const links: LinkSpec[] = [
    ["client", "r1"],
    ...mesh(["r1"], leaf.slice(0, 2)),
    ...mesh(leaf, spine),
    ...mesh(leaf.slice(-2), ["r2"]),
    ["r2", "vip"],
  ];
  const routers = ["r1", "r2", ...leaf, ...spine];
  return defineLab({
    ...options,
    name: `leaf${leaves}x${spines}`,
    nodes: nodesOf(routers, options),
    links,
  });
}

/**
 * Equal costs, unequal lengths.
 * ```
 *                ┌───── a1 ──────┐
 *  client ── r1 ─┤               ├─ r2 ── vip
 *                └ b1 ─ b2 ─ b3 ─┘
 * ```
 */
export function unequalLengths(options: LabOptions = {}): Topology {
  const links: LinkSpec[] = [
    ["client", "r1"],
    ["r1", "a1", { cost: 2 }],
    ["a1", "r2", { cost: 2 }],
    ["r1", "b1"],
    ["b1", "b2"],
    ["b2", "b3"],
    ["b3", "r2"],
    ["r2", "vip"],
  ];
  const routers = ["r1", "r2", "a1", "b1", "b2", "b3"];
  return defineLab({ ...options, name: "unequal", nodes: nodesOf(routers, options), links });
}

/** Client, layers of routers, each meshed with the next, and the virtual address. */
function stages(name: string, layers: readonly string[][], options: LabOptions): Topology {
  const all = [["client"], ...layers, ["vip"]];
  const links = all.slice(1).flatMap((layer, index) => mesh(all[index] ?? [], layer));
  return defineLab({ ...options, name, nodes: nodesOf(layers.flat(), options), links });
}

function nodesOf(routers: readonly string[], options: LabOptions): Record<string, NodeSpec> {
  return {
    client: {},
    ...Object.fromEntries(routers.map((name) => [name, { router: true }])),
    vip: { services: [vipOf(options)] },
  };
}

function mesh(near: readonly string[], far: readonly string[]): LinkSpec[] {
  return near.flatMap((from) => far.map((to): LinkSpec => [from, to]));
}

function names(prefix: string, count: number, first = 1): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${first + index}`);
}
