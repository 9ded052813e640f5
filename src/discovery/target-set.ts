import { Networks } from "../config/networks.ts";
import type { Engine } from "../engine/engine.ts";
import type { Target, TargetSpec } from "../flow/target.ts";
import type { Log } from "../log.ts";
import { type Address, parseAddress } from "../packet/address.ts";
import type { ProbedTarget } from "../probe/probed-flow.ts";
import { KeptAddresses } from "./kept-addresses.ts";
import { LookupQueue } from "./lookup-queue.ts";
import { LoopTurns } from "./loop-turns.ts";
import type { Lookup } from "./name-lookup.ts";
import { resolveSpec, SourceAddresses } from "./resolve.ts";

/** A configured target and what has become of it. */
interface Entry {
  spec: TargetSpec;
  readonly identity: string;
  readonly isAddress: boolean;
  /** Addresses of the name that the answers of late gave, with `resolve: all`. */
  readonly kept: KeptAddresses;
  /** By the name under which it is probed: one, or several of a name with `resolve: all`. */
  readonly probed: Map<string, ProbedTarget>;
  error: string | undefined;
  /** A resolution is under way, or waits for its turn. */
  resolving: boolean;
  /** The latest resolution failed. */
  failed: boolean;
  /** An address of the latest resolution could not be probed, since another target was still there. */
  blocked: boolean;
  gone: boolean;
}

/** A target as it is shown: its name, its state, its flows. */
export interface ShownTarget {
  readonly spec: TargetSpec;
  readonly probed: ProbedTarget | undefined;
  readonly error: string | undefined;
}

/** What makes two settings of a target the same flows: everything but its labels, which only name its series. */
function identityOf(spec: TargetSpec): string {
  return JSON.stringify({ ...spec, labels: undefined });
}

/**
 * The configured targets, resolved and probed. A name that does not resolve, or an address without a route, is that
 * target's own state and is tried again; targets that a new configuration leaves as they are go on undisturbed.
 */
export class TargetSet {
  readonly #engine: Engine;
  readonly #log: Log;
  readonly #lookup: Lookup | undefined;
  readonly #onChange: () => void;
  readonly #entries: Map<string, Entry> = new Map();
  readonly #queue = new LookupQueue();
  readonly #sources = new SourceAddresses();
  readonly #turns = new LoopTurns();
  readonly #now: () => number;
  #allowed: Networks | undefined;

  /**
   * @param onChange the list of shown targets has changed
   * @param lookup asks for the addresses of names; the system's way unless given
   * @param now milliseconds, of a clock that only goes forward
   */
  constructor(
    engine: Engine,
    log: Log,
    onChange: () => void,
    lookup?: Lookup,
    now: () => number = () => performance.now(),
  ) {
    this.#now = now;
    this.#engine = engine;
    this.#log = log;
    this.#onChange = onChange;
    this.#lookup = lookup;
  }

  /** Probes nothing beyond these networks from now on; everything where none is given. */
  allow(networks: readonly string[]): void {
    this.#allowed = networks.length === 0 ? undefined : new Networks(networks);
    for (const entry of this.#entries.values()) {
      for (const [name, probed] of entry.probed) {
        if (!this.#refuses(entry, probed.target.address)) continue;
        this.#engine.end(probed);
        entry.probed.delete(name);
      }
    }
  }

  /** Whether an address may not be probed, which its target then says. */
  #refuses(entry: Entry, { text }: Address): boolean {
    const refused = this.#allowed?.holds(text) === false;
    if (refused) this.#fail(entry, `${text} lies outside limits.allow_networks`);
    return refused;
  }

  /** Probes exactly these targets from now on. Names are resolved in the background. */
  apply(specs: readonly TargetSpec[]): void {
    const wanted = new Map(specs.map((spec) => [spec.name, spec]));
    for (const [name, entry] of this.#entries) {
      const spec = wanted.get(name);
      if (spec !== undefined && identityOf(spec) === entry.identity) {
        relabel(entry, spec);
        continue;
      }
      entry.gone = true;
      for (const probed of entry.probed.values()) this.#engine.end(probed);
      this.#entries.delete(name);
    }
    for (const spec of specs.filter(({ name }) => !this.#entries.has(name))) {
      const isAddress = parseAddress(spec.host) !== undefined;
      this.#entries.set(spec.name, {
        spec,
        identity: identityOf(spec),
        isAddress,
        kept: new KeptAddresses(),
        probed: new Map(),
        error: isAddress ? "probing is about to begin" : "the name is being resolved",
        resolving: false,
        failed: false,
        blocked: false,
        gone: false,
      });
    }
    this.#onChange();
  }

  /**
   * Resolves every name and looks up every source address again, and moves targets whose address has changed. What still
   * waits from a refresh before is not asked for twice, and all refreshes together ask for so many names at once.
   */
  async refresh(): Promise<void> {
    await this.#resolveAll([...this.#entries.values()]);
    // Two names may have exchanged their addresses: the first to move found its new one still taken.
    await this.#resolveAll([...this.#entries.values()].filter(({ blocked }) => blocked));
  }

  async #resolveAll(asked: readonly Entry[]): Promise<void> {
    const entries = asked.filter((entry) => !entry.resolving);
    for (const entry of entries) entry.resolving = true;
    // Addresses first, then names that were answered last time: they must not wait for names whose servers do not answer.
    const rank = ({ isAddress, failed }: Entry): number => (isAddress ? 0 : failed ? 2 : 1);
    entries.sort((a, b) => rank(a) - rank(b));
    await Promise.all(
      entries.map((entry) => this.#queue.add(() => this.#work(entry), -rank(entry))),
    );
  }

  async #work(entry: Entry): Promise<void> {
    try {
      if (!entry.gone) await this.#resolve(entry);
    } catch (error) {
      this.#fail(entry, String(error));
    }
    entry.resolving = false;
  }

  /** Every target once, those with `resolve: all` once for each address. */
  shown(): ShownTarget[] {
    return [...this.#entries.values()].flatMap((entry): ShownTarget[] => {
      const { spec, error } = entry;
      if (entry.probed.size === 0) return [{ spec, probed: undefined, error }];
      return [...entry.probed.values()].map((probed) => ({
        spec: probed.target,
        probed,
        error: undefined,
      }));
    });
  }

  /** The targets that are probed now. */
  probed(): ProbedTarget[] {
    return [...this.#entries.values()].flatMap((entry) => [...entry.probed.values()]);
  }

  async #resolve(entry: Entry): Promise<void> {
    const { spec } = entry;
    const [current] = entry.probed.values();
    const resolution = await resolveSpec(spec, this.#lookup, current?.target.address);
    if (entry.gone) return;
    entry.failed = "error" in resolution;
    // A resolver that fails for a moment is no reason to stop probing the address it gave before.
    if ("error" in resolution) return this.#fail(entry, resolution.error);
    const targets: Target[] = [];
    for (const address of this.#addressesOf(entry, resolution.addresses)) {
      const target = await this.#target(entry, address);
      if (target !== undefined) targets.push(target);
    }
    if (!entry.gone) await this.#probe(entry, targets);
  }

  /** What the answer gave, and with `resolve: all` what answers of late gave and still works. */
  #addressesOf({ spec, kept, probed }: Entry, answered: readonly Address[]): readonly Address[] {
    if (spec.resolve !== "all") return answered;
    const failing = new Set<string>();
    for (const { target, flows } of probed.values()) {
      const fails = flows.every((flow) => flow === undefined || flow.state === "failing");
      if (fails) failing.add(target.address.text);
    }
    return kept.after(answered, failing, this.#now());
  }

  async #target(entry: Entry, address: Address): Promise<Target | undefined> {
    const { spec } = entry;
    if (this.#refuses(entry, address)) return undefined;
    const source = await this.#sources.of(address, this.#engine.prober.sourceFor(spec, address));
    if (typeof source === "string") {
      this.#fail(entry, source);
      return undefined;
    }
    const name = spec.resolve === "all" ? `${spec.name}/${address.text}` : spec.name;
    return { ...spec, name, address, source };
  }

  async #probe(entry: Entry, targets: readonly Target[]): Promise<void> {
    const wanted = new Set(targets.map(({ name }) => name));
    for (const [name, probed] of entry.probed) {
      // One that has lost its route keeps its place: sending fails, and that is counted, not hidden.
      if (!wanted.has(name) && targets.length > 0) this.#moved(entry, probed, undefined);
    }
    entry.blocked = false;
    for (const target of targets) {
      if (isProbed(entry, target)) continue;
      // Choosing the first ports of all flows out of all ports there are takes two milliseconds.
      await this.#turns.next();
      if (entry.gone) return;
      if (!this.#refuses(entry, target.address)) this.#begin(entry, target);
    }
    // What failed once and works now may be told again when it fails again.
    const works = targets.length > 0 && targets.every(({ name }) => entry.probed.has(name));
    if (works) entry.error = undefined;
  }

  /** Ends the probing of an address that a target has left. */
  #moved(entry: Entry, probed: ProbedTarget, to: Address | undefined): void {
    const { name, address } = probed.target;
    this.#log.info("target address changed", { target: name, from: address.text, to: to?.text });
    this.#engine.end(probed);
    entry.probed.delete(name);
    this.#onChange();
  }

  #begin(entry: Entry, target: Target): void {
    const before = entry.probed.get(target.name);
    if (before !== undefined) this.#moved(entry, before, target.address);
    // Labels may have been changed while this waited.
    const added = this.#engine.prober.add({ ...target, labels: entry.spec.labels });
    if (typeof added === "string") {
      entry.blocked = true;
      this.#fail(entry, added);
      return;
    }
    entry.probed.set(target.name, added);
    this.#engine.begin(added);
    this.#onChange();
    this.#warnOfEmptyBuckets(added);
    this.#warnOfMarks(added);
    this.#log.debug("target is probed", { target: target.name, address: target.address.text });
  }

  #warnOfEmptyBuckets({ target, flows }: ProbedTarget): void {
    const empty = flows.filter((flow) => flow === undefined).length;
    if (empty === 0) return;
    this.#log.warn("no port of source_ports hashes into some buckets: widen source_ports", {
      target: target.name,
      empty_buckets: empty,
      flow_buckets: target.flowBuckets,
    });
  }

  /** Where raw sockets are missing, a target that asked for a mark is probed without. */
  #warnOfMarks({ target }: ProbedTarget): void {
    const { name, dscp, method } = target;
    if (method === "raw" || dscp === 0) return;
    this.#log.warn("dscp has no effect: Node.js cannot set it on connections", {
      target: name,
      dscp,
    });
  }

  #fail(entry: Entry, error: string): void {
    if (entry.gone || entry.error === error) return;
    this.#log.warn("target cannot be probed", { target: entry.spec.name, error });
    entry.error = error;
    this.#onChange();
  }
}

/** Whether a target is probed at the address, and from the address, that it should be. */
function isProbed(entry: Entry, { name, address, source }: Target): boolean {
  const probed = entry.probed.get(name)?.target;
  return probed?.address.text === address.text && probed.source.text === source.text;
}

/** Gives the target's flows their new labels; nothing else of them changes. */
function relabel(entry: Entry, spec: TargetSpec): void {
  entry.spec = spec;
  for (const probed of entry.probed.values()) probed.relabel(spec.labels);
}
