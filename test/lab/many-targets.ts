import { Daemon } from "./daemon.ts";
import { dropForward, type Fault } from "./faults.ts";
import type { SuspectView, TargetView } from "./findings.ts";
import { Lab } from "./lab.ts";
import { until } from "./processes.ts";
import { startService } from "./services.ts";
import { type LabOptions, story } from "./topologies.ts";
import { defineLab, type Topology } from "./topology.ts";

const PORT = 3306;
const SERVER = "vip";
const OPTIONS: LabOptions = { hostAccess: ["client"], answersFrom: "interface" };
/** Documentation addresses of RFC 5737 that are handed out, so many of each network. */
const NETWORKS = ["192.0.2", "198.51.100", "203.0.113"];
const OF_A_NETWORK = 250;

/** What all targets say at one moment. */
export interface Count {
  /** Seconds since what is watched began. */
  readonly second: number;
  /** Targets whose paths are known: as many as there are, and no other. */
  readonly known: number;
  /** Targets that say more paths than there are. */
  readonly tooMany: number;
  /** Failing flows, and those of them with a last hop. */
  readonly failing: number;
  readonly traced: number;
  /** Targets that suspect exactly the broken routers, and targets that suspect anything else. */
  readonly right: number;
  readonly wrong: number;
  /** How many targets have which verdict. */
  readonly verdicts: Readonly<Record<string, number>>;
  /** A few words on each target that suspects something else. */
  readonly accusations: readonly string[];
}

interface NamedView extends Omit<TargetView, "flows"> {
  readonly name: string;
  readonly flows: readonly (TargetView["flows"][number] & { readonly last_hop: string })[];
}

/**
 * Many targets of 64 flows behind the same routers, default settings, stock ICMP limits:
 * ```
 *                ┌─ r2 ─┐
 *  client ── r1 ─┼─ …  ─┼─ r(n+2) ── vip (192.0.2.1, 192.0.2.2, …)
 *                └r(n+1)┘
 * ```
 */
export class ManyTargets {
  readonly lab: Lab;
  readonly daemon: Daemon;
  readonly #width: number;
  readonly #names: ReadonlyMap<string, string>;

  private constructor(lab: Lab, daemon: Daemon, width: number) {
    this.lab = lab;
    this.daemon = daemon;
    this.#width = width;
    this.#names = namesOf(lab.topology);
  }

  /** Builds the network and starts the exporter in it. */
  static async start(targets: number, width: number): Promise<ManyTargets> {
    const services = Array.from(
      { length: targets },
      (_, at) => `${NETWORKS[Math.floor(at / OF_A_NETWORK)]}.${(at % OF_A_NETWORK) + 1}`,
    );
    const { spec } = story(width, OPTIONS);
    const lab = await Lab.build(
      defineLab({ ...spec, nodes: { ...spec.nodes, [SERVER]: { services } } }),
    );
    try {
      await startService(lab, SERVER, "tcp", PORT);
      const daemon = await Daemon.start(lab, "client", {
        targets: services.map((host) => ({ name: host, host, port: PORT })),
      });
      return new ManyTargets(lab, daemon, width);
    } catch (error) {
      await lab.destroy();
      throw error;
    }
  }

  /** Ends the exporter and removes the network. */
  async stop(): Promise<void> {
    await this.daemon.stop();
    await this.lab.destroy();
  }

  /** From now on these routers drop what they are to forward. */
  async break(routers: readonly string[]): Promise<readonly Fault[]> {
    return await Promise.all(routers.map((router) => dropForward(this.lab, router)));
  }

  /** Looks at all targets once. @param broken the routers that are to be suspected @param since `performance.now()` at the beginning */
  async count(broken: readonly string[], since: number): Promise<Count> {
    const response = await fetch(`${this.daemon.url}/api/v1/targets`);
    const views = (await response.json()) as readonly NamedView[];
    const second = Math.round((performance.now() - since) / 1000);
    const flows = views.flatMap((view) => view.flows);
    const failing = flows.filter(({ state }) => state === "failing");
    const verdicts: Record<string, number> = {};
    for (const { verdict } of views) verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    const wrong = views.filter((view) => !view.suspects.every((each) => this.#hits(each, broken)));
    const right = views.filter(
      (view) => !wrong.includes(view) && this.#accused(view, broken) === broken.length,
    );
    const accusations = wrong.map(
      ({ name, suspects }) =>
        `${name}: ${suspects.map((each) => `${each.from}>${each.to} ${each.segment} ${each.confidence}`).join("; ")}`,
    );
    return {
      second,
      known: views.filter(({ coverage }) => coverage.paths === this.#width).length,
      tooMany: views.filter(({ coverage }) => coverage.paths > this.#width).length,
      failing: failing.length,
      traced: failing.filter(({ last_hop }) => last_hop !== "unknown").length,
      right: right.length,
      wrong: wrong.length,
      verdicts,
      accusations,
    };
  }

  /**
   * Looks until `check` holds or the time is over.
   * @returns all looks
   */
  async watch(
    broken: readonly string[],
    limitMs: number,
    check: (count: Count) => boolean,
    everyMs = 5000,
  ): Promise<readonly Count[]> {
    const counts: Count[] = [];
    const since = performance.now();
    const look = async () => {
      const count = await this.count(broken, since);
      counts.push(count);
      return check(count) || performance.now() - since >= limitMs;
    };
    await until(look, { limitMs: limitMs + 60_000, everyMs, what: "the targets are looked at" });
    return counts;
  }

  /** How many of the broken routers a target's suspects accuse, each by one suspect only. */
  #accused({ suspects }: NamedView, broken: readonly string[]): number {
    if (suspects.length !== broken.length) return 0;
    return broken.filter((router) => suspects.some((each) => this.#hits(each, [router]))).length;
  }

  #hits({ from, to, segment }: SuspectView, broken: readonly string[]): boolean {
    const ends = [from, to].map((end) => this.#names.get(end ?? "") ?? "");
    return segment === "forward" && broken.some((router) => ends.includes(router));
  }
}

/** A look in a line. */
export function briefCount(count: Count): string {
  const { second, known, tooMany, failing, traced, right, wrong, verdicts } = count;
  const told = Object.entries(verdicts).map(([verdict, targets]) => `${verdict} ${targets}`);
  return `${second} s: paths known ${known}, too many ${tooMany}; failing ${failing}, traced ${traced}; suspect right ${right}, wrong ${wrong}; ${told.join(", ")}`;
}

/** The node that has an address, by address. */
function namesOf({ nodes }: Topology): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { name, address, interfaces } of nodes.values()) {
    for (const own of [address, ...interfaces.map((end) => end.address)]) names.set(own, name);
  }
  return names;
}
