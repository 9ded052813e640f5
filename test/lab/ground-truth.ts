import type { SuspectView } from "./findings.ts";
import type { Lab } from "./lab.ts";
import { nodeOf } from "./topology.ts";

/** Which flows really cross which routers, and what that makes of a suspect. Names, not addresses. */
export class GroundTruth {
  readonly #lab: Lab;
  readonly #source: string;
  readonly #ports: ReadonlyMap<string, ReadonlySet<number>>;
  readonly #names: ReadonlyMap<string, string>;

  private constructor(lab: Lab, source: string, ports: ReadonlyMap<string, ReadonlySet<number>>) {
    this.#lab = lab;
    this.#source = source;
    this.#ports = ports;
    const names = new Map<string, string>();
    for (const { name, address, services, interfaces } of lab.topology.nodes.values()) {
      const own = [address, ...services, ...interfaces.map((end) => end.address)];
      for (const each of own) names.set(each, name);
    }
    this.#names = names;
  }

  /** Reads the truth sets of all routers. @param source the node that probes */
  static async read(lab: Lab, source: string): Promise<GroundTruth> {
    const routers = [...lab.topology.nodes.values()].filter(({ router }) => router);
    const ports = await Promise.all(
      routers.map(async ({ name }) => [name, await lab.truth(name).ports()] as const),
    );
    return new GroundTruth(lab, source, new Map(ports));
  }

  /** The node that has this address. @throws Error if none has */
  nameOf(address: string): string {
    const name = this.#names.get(address);
    if (name === undefined) throw new Error(`no node has the address ${address}`);
    return name;
  }

  /** Routers that were handed packets of this source port, sorted. */
  crossedBy(port: number): string[] {
    return [...this.#ports].flatMap(([name, ports]) => (ports.has(port) ? [name] : [])).sort();
  }

  /**
   * Whether a suspect accuses a faulty router: it names a link of that router, the unknown hop behind a neighbour of
   * it, or a link that exactly the router's flows cross, which no prober can tell from it.
   */
  accuses({ from, to, segment }: SuspectView, router: string): boolean {
    if (segment !== "forward") return false;
    const near = from === null ? this.#source : this.nameOf(from);
    if (near === router) return true;
    if (to === null) return this.#adjacent(near, router);
    const far = this.nameOf(to);
    if (far === router) return true;
    const crossing = this.#crossing(near, far);
    const own = this.#ports.get(router) ?? new Set();
    return crossing.size === own.size && [...own].every((port) => crossing.has(port));
  }

  /** Ports of the flows that cross the link; none where there is no such link. */
  #crossing(from: string, to: string): ReadonlySet<number> {
    if (!this.#adjacent(from, to)) return new Set();
    const near = this.#ports.get(from);
    const far = this.#ports.get(to);
    if (near === undefined || far === undefined) return near ?? far ?? new Set();
    return new Set([...near].filter((port) => far.has(port)));
  }

  #adjacent(a: string, b: string): boolean {
    return nodeOf(this.#lab.topology, a).interfaces.some(({ peer }) => peer === b);
  }
}
