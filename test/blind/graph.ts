/** What a node does: the host that probes, one that forwards, or what is probed. */
export type Role = "source" | "router" | "target";

/** A node of a network. */
export interface Node {
  readonly id: number;
  readonly role: Role;
}

/** A link in the direction of the probes. Two links may join the same nodes: parallel links of layer 3. */
export interface Edge {
  readonly id: number;
  readonly from: number;
  readonly to: number;
  /** Its share of the flows among the links that leave `from`. */
  readonly weight: number;
  /** Members of the bundle below IP; 1 for a plain link. */
  readonly members: number;
}

/** What a link may have beside its ends. */
export type EdgeOptions = Partial<Pick<Edge, "weight" | "members">>;

/** A network as the probes see it: from the source every way leads to the target, and none leads back. */
export class Graph {
  readonly nodes: Node[] = [];
  readonly edges: Edge[] = [];
  readonly source: number = this.#add("source");
  readonly target: number = this.#add("target");

  /** Adds a router and returns its number. */
  router(): number {
    return this.#add("router");
  }

  /** Adds so many routers. */
  routers(count: number): number[] {
    return Array.from({ length: count }, () => this.router());
  }

  /** Adds a link. */
  link(from: number, to: number, { weight = 1, members = 1 }: EdgeOptions = {}): void {
    this.edges.push({ id: this.edges.length, from, to, weight, members });
  }

  /** Links each of the first to each of the second. */
  mesh(from: readonly number[], to: readonly number[], options: EdgeOptions = {}): void {
    for (const near of from) for (const far of to) this.link(near, far, options);
  }

  /** The links that leave a node. */
  out(node: number): Edge[] {
    return this.edges.filter(({ from }) => from === node);
  }

  /** The links that arrive at a node. */
  into(node: number): Edge[] {
    return this.edges.filter(({ to }) => to === node);
  }

  #add(role: Role): number {
    return this.nodes.push({ id: this.nodes.length, role }) - 1;
  }
}
