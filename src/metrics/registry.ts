import { collectDefaultMetrics, Registry } from "prom-client";
import { type Clock, systemClock } from "../clock.ts";
import type { Family, FamilyHead } from "./family.ts";
import { adaptLibraryValues, FAULTY_PROCESS_METRICS, LOOP_LOOK_MS } from "./process-metrics.ts";

/**
 * Values of the client library are reused for this long: it starts its event-loop statistics anew with every
 * reading, so that of two scrapers at once the second would see an empty window.
 */
const PROCESS_REUSE_MS = 1_000;

const SUFFIXES = ["_bucket", "_sum", "_count"] as const;

/** Names that would be ambiguous beside each other: what is declared and what is sampled, in both formats. */
function claimedNames(family: FamilyHead): string[] {
  if (family.type === "counter") return [family.name, family.name.replace(/_total$/, "")];
  if (family.type === "gauge") return [family.name];
  return [family.name, ...SUFFIXES.map((suffix) => family.name + suffix)];
}

/** Everything that `/metrics` shows: families of our own, and `process_*` and `nodejs_*` of the client library. */
export class MetricRegistry {
  readonly #clock: Clock;
  readonly #library = new Registry();
  readonly #families = new Map<string, Family>();
  readonly #claims = new Map<string, string>();
  readonly #onError: (family: string, error: unknown) => void;
  #process: Promise<readonly Family[]> | undefined;
  #processReadAt = 0;

  /** @param onError told of a process metric that could not be read and was left out */
  constructor(
    onError: (family: string, error: unknown) => void = () => {},
    clock: Clock = systemClock,
  ) {
    this.#onError = onError;
    this.#clock = clock;
    collectDefaultMetrics({
      register: this.#library,
      eventLoopMonitoringPrecision: LOOP_LOOK_MS,
    });
    for (const name of FAULTY_PROCESS_METRICS) this.#library.removeSingleMetric(name);
    for (const { name } of this.#library.getMetricsAsArray()) this.#claims.set(name, name);
  }

  /**
   * Adds a family.
   * @throws Error if its name, or a sample name of it, is taken in either format, or does not fit its type
   */
  register(family: Family): void {
    this.claim(family);
    this.#families.set(family.name, family);
  }

  /** Takes the names of a family that is shown beside those of the registry. @throws what {@link register} throws */
  claim(family: FamilyHead): void {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(family.name)) {
      throw new Error(`metric name "${family.name}" is not valid`);
    }
    if ((family.type === "counter") !== family.name.endsWith("_total")) {
      throw new Error(`metric ${family.name}: counters, and only counters, end in _total`);
    }
    const names = claimedNames(family);
    for (const name of names) {
      const owner = this.#claims.get(name);
      if (owner !== undefined) {
        throw new Error(`metric ${family.name}: the name ${name} is taken by ${owner}`);
      }
    }
    for (const name of names) this.#claims.set(name, family.name);
  }

  /** The registered families, in the order of their registration; without those of the process. */
  families(): readonly Family[] {
    return [...this.#families.values()];
  }

  /** The families of one scrape: the registered ones, then those of the process as they are now. Never rejects. */
  async gather(): Promise<readonly Family[]> {
    const now = this.#clock.monotonic();
    if (this.#process === undefined || now - this.#processReadAt >= PROCESS_REUSE_MS) {
      this.#processReadAt = now;
      this.#process = this.#readProcess();
    }
    const ofProcess = await this.#process;
    return [...this.families(), ...ofProcess];
  }

  async #readProcess(): Promise<readonly Family[]> {
    const read: Family[] = [];
    for (const metric of this.#library.getMetricsAsArray()) {
      try {
        const values = await this.#library.getSingleMetric(metric.name)?.get();
        const family = values && adaptLibraryValues(values);
        if (family !== undefined) read.push(family);
      } catch (error) {
        this.#onError(metric.name, error);
      }
    }
    return read;
  }
}
