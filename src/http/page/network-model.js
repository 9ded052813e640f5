// The network that a target's flows cross: routers by TTL, the links between them, and where flows die. Plain data in,
// plain data out.

/** Key of the exporter's own place. */
export const SOURCE = "source";
/** Key of the target. */
export const DESTINATION = "destination";

/**
 * @typedef {object} NetworkNode
 * @property {string} key
 * @property {"source" | "router" | "silent" | "destination" | "group"} kind
 * @property {number} column the TTL; 0 is the source
 * @property {string} title
 * @property {string[]} addresses
 * @property {string[]} names
 * @property {number[]} buckets flows that get there
 * @property {number} failing how many of them fail
 * @property {boolean} suspect
 * @property {number} members nodes that it stands for, 1 unless it is a group
 *
 * @typedef {object} NetworkEdge
 * @property {string} key
 * @property {string} from
 * @property {string} to
 * @property {number[]} buckets flows that cross it now
 * @property {number} failing how many of them fail
 * @property {number} probes of the flows that cross it, in the last five minutes
 * @property {number} failures
 * @property {boolean} suspect
 *
 * @typedef {object} Stub
 * @property {string} key
 * @property {string} from the node behind which the flows die
 * @property {number[]} buckets
 * @property {boolean} suspect
 *
 * @typedef {object} Network
 * @property {NetworkNode[]} nodes
 * @property {NetworkEdge[]} edges
 * @property {Stub[]} stubs
 * @property {Map<number, string[]>} ways keys of nodes, edges and stubs that each bucket's flow crosses
 * @property {number[]} untraced buckets of failing flows of which nothing is known
 */

/** Builds the network of a target as `/api/v1/targets/NAME` shows it. @returns {Network} */
export function networkOf(target) {
  const building = new Building(target);
  for (const path of target.paths) building.addPath(path);
  for (const flow of target.flows) building.addFlow(flow);
  for (const suspect of target.suspects) building.mark(suspect);
  return building.finish();
}

class Building {
  /** @type {Map<string, NetworkNode>} */
  #nodes = new Map();
  /** @type {Map<string, NetworkEdge>} */
  #edges = new Map();
  /** @type {Map<string, Stub>} */
  #stubs = new Map();
  /** @type {Map<number, string[]>} */
  #ways = new Map();
  #untraced = [];
  #paths;
  #hops;
  #address;

  constructor(target) {
    this.#address = target.address;
    this.#paths = new Map(target.paths.map((path) => [path.id, path]));
    this.#hops = new Map((target.hops ?? []).map((hop) => [hop.address, hop]));
    this.#node(SOURCE, "source", 0, null);
    this.#node(DESTINATION, "destination", 1, target.address);
  }

  /** What the survey knows: every link of the path, with what its flows' probes did. */
  addPath(path) {
    const keys = this.#keysOf(path.hops, path.id);
    for (const [from, to] of pairs([SOURCE, ...keys])) {
      const edge = this.#edge(from, to);
      edge.probes += path.probes;
      edge.failures += path.failures;
    }
  }

  /** A flow goes along its path; a failing one as far as its own sweep was answered. */
  addFlow(flow) {
    const { bucket, state } = flow;
    const path = this.#paths.get(flow.path);
    const failing = state === "failing";
    if (!failing || flow.last_hop === this.#address) {
      if (path !== undefined) this.#cross(bucket, failing, this.#keysOf(path.hops, path.id));
      else if (failing) this.#untraced.push(bucket);
      return;
    }
    const way = this.#wayOfFailing(flow, path);
    if (way === undefined) this.#untraced.push(bucket);
    else this.#die(bucket, way);
  }

  /** Marks what a suspect accuses: a link, a router, or the stub behind a hop where the next is not known. */
  mark({ from, to, place, name, segment }) {
    if (segment === "return") return;
    const start = from === null ? SOURCE : this.#keyOf(from);
    const end = to === null ? undefined : this.#keyOf(to);
    // `from` and `to` may be a link into the router or out of it: its name tells which it is.
    const router = place === "router" ? this.#nodes.get(this.#keyOf(name)) : undefined;
    if (router !== undefined) router.suspect = true;
    const edge = end === undefined ? undefined : this.#edges.get(edgeKey(start, end));
    if (edge !== undefined) edge.suspect = true;
    const stub = this.#stubs.get(`stub ${start}`);
    if (stub !== undefined) stub.suspect = true;
    const reached = end === undefined ? undefined : this.#stubs.get(`stub ${end}`);
    if (reached !== undefined && edge?.suspect) reached.suspect = true;
  }

  finish() {
    const nodes = [...this.#nodes.values()];
    const routers = nodes.filter(({ kind }) => kind !== "source" && kind !== "destination");
    const last = routers.reduce((most, { column }) => Math.max(most, column), 0);
    const destination = this.#nodes.get(DESTINATION);
    if (destination) destination.column = last + 1;
    return {
      nodes,
      edges: [...this.#edges.values()],
      stubs: [...this.#stubs.values()],
      ways: this.#ways,
      untraced: this.#untraced,
    };
  }

  /** The keys of the nodes that a failing flow still reached; undefined where no sweep says so. */
  #wayOfFailing(flow, path) {
    if (flow.last_hop === "none") return [];
    const seen = flow.seen ?? [];
    const end = seen.findLastIndex((hop) => hop !== null);
    if (end < 0) return undefined;
    const reached = seen.slice(0, end + 1);
    const fits =
      path !== undefined &&
      reached.every((hop, at) => hop === null || path.hops[at] === null || path.hops[at] === hop);
    const hops = fits ? reached.map((hop, at) => hop ?? path.hops[at] ?? null) : reached;
    return this.#keysOf(hops, fits ? path.id : `bucket ${flow.bucket}`);
  }

  #cross(bucket, failing, keys) {
    const way = [SOURCE];
    this.#visit(SOURCE, bucket, failing);
    for (const [from, to] of pairs([SOURCE, ...keys])) {
      const edge = this.#edge(from, to);
      if (!edge.buckets.includes(bucket)) {
        edge.buckets.push(bucket);
        if (failing) edge.failing += 1;
      }
      this.#visit(to, bucket, failing);
      way.push(edge.key, to);
    }
    this.#ways.set(bucket, way);
    return way;
  }

  #die(bucket, keys) {
    const way = this.#cross(bucket, true, keys);
    const from = keys.at(-1) ?? SOURCE;
    const key = `stub ${from}`;
    const stub = this.#stubs.get(key) ?? { key, from, buckets: [], suspect: false };
    stub.buckets.push(bucket);
    this.#stubs.set(key, stub);
    way.push(key);
  }

  #visit(key, bucket, failing) {
    const node = this.#nodes.get(key);
    if (node === undefined || node.buckets.includes(bucket)) return;
    node.buckets.push(bucket);
    if (failing) node.failing += 1;
  }

  /** Keys of hops by TTL from 1. A silent hop is a node of its own on every path: nothing says that two are one. */
  #keysOf(hops, path) {
    return hops.map((hop, at) => {
      const column = at + 1;
      if (hop === null) return this.#node(`silent ${path} ${column}`, "silent", column, null).key;
      const key = this.#keyOf(hop);
      return this.#node(key, "router", column, hop).key;
    });
  }

  /** Addresses that are known to be one router's are one node. */
  #keyOf(address) {
    if (address === this.#address) return DESTINATION;
    return this.#hops.get(address)?.router ?? address;
  }

  #node(key, kind, column, address) {
    let node = this.#nodes.get(key);
    if (node === undefined) {
      node = emptyNode(key, kind, column, 1);
      this.#nodes.set(key, node);
    }
    // Met at several distances, it stands at the farthest, so that links lead to the right.
    if (node.kind === "router") node.column = Math.max(node.column, column);
    if (address !== null && !node.addresses.includes(address)) {
      node.addresses.push(address);
      const name = this.#hops.get(address)?.name;
      if (name && !node.names.includes(name)) node.names.push(name);
    }
    return node;
  }

  #edge(from, to) {
    const key = edgeKey(from, to);
    const edge = this.#edges.get(key) ?? emptyEdge(from, to);
    this.#edges.set(key, edge);
    return edge;
  }
}

/** A link that no flow crosses yet. @returns {NetworkEdge} */
export function emptyEdge(from, to) {
  const counts = { buckets: [], failing: 0, probes: 0, failures: 0 };
  return { key: edgeKey(from, to), from, to, ...counts, suspect: false };
}

/** A node that no flow gets to yet. @returns {NetworkNode} */
export function emptyNode(key, kind, column, members) {
  const known = { addresses: [], names: [], buckets: [], failing: 0, suspect: false };
  return { key, kind, column, title: key, ...known, members };
}

function edgeKey(from, to) {
  return `${from} > ${to}`;
}

/** Every two neighbours that differ: addresses of one router next to each other are no link. */
function pairs(keys) {
  return keys.slice(1).flatMap((to, at) => (keys[at] === to ? [] : [[keys[at], to]]));
}
