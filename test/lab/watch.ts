import assert from "node:assert/strict";
import type { Daemon } from "./daemon.ts";
import { type FlowRow, flowRows, showRows } from "./flow-rows.ts";
import type { Metrics } from "./metrics.ts";
import { until } from "./processes.ts";

/** Seldom enough that a machine with many labs at once has time for the labs. */
const POLL_MS = 400;

/** Waits for what a daemon's metrics say of one target, and shows the table when they never do. */
export class Watch {
  /** The flows at the last look. */
  rows: readonly FlowRow[] = [];
  #metrics: Metrics | undefined;
  readonly #daemon: Daemon;
  readonly #target: string;

  constructor(daemon: Daemon, target: string) {
    this.#daemon = daemon;
    this.#target = target;
  }

  /** Scrapes once. */
  async look(): Promise<Metrics> {
    const metrics = await this.#daemon.metrics();
    this.#metrics = metrics;
    this.rows = flowRows(metrics, this.#target);
    return metrics;
  }

  /** Scrapes until `check` holds. Returns the milliseconds it took. @throws Error with the table after the limit */
  async until(
    what: string,
    limitMs: number,
    check: (rows: readonly FlowRow[], metrics: Metrics) => boolean | Promise<boolean>,
  ): Promise<number> {
    const start = performance.now();
    await until(
      async () => {
        const metrics = await this.look();
        return this.rows.length > 0 && (await check(this.rows, metrics));
      },
      { limitMs, everyMs: POLL_MS, what: () => `${what}\n${this.report()}` },
    );
    return performance.now() - start;
  }

  /** Waits until every one of `buckets` flows has been probed and is up. */
  allUp(buckets: number, limitMs: number): Promise<number> {
    return this.until(
      `all ${buckets} flows are up`,
      limitMs,
      (rows) => rows.length === buckets && rows.every((row) => row.up && row.probes > 0),
    );
  }

  /**
   * Waits, once a fault has healed, until all flows are up: two intervals, and one more if the machine starved the exporter
   * meanwhile, for what is a flow's own probe then says nothing. Returns the milliseconds it took.
   * @throws Error with the table after that
   */
  async recovered(buckets: number, intervalMs: number): Promise<number> {
    const spoiled = this.invalid;
    const start = performance.now();
    let took = 0;
    await this.until(`all ${buckets} flows are up within two intervals`, 3 * intervalMs, (rows) => {
      took = performance.now() - start;
      if (took > 2 * intervalMs && this.invalid === spoiled) {
        assert.fail(`flows still fail after two intervals\n${this.report()}`);
      }
      return rows.length === buckets && rows.every((row) => row.up && row.probes > 0);
    });
    return took;
  }

  /** Waits until every flow has had `times` more probes than now. */
  async probedAgain(times: number, limitMs: number): Promise<number> {
    await this.look();
    // By bucket: one that has just begun a flow has no row until its first probe.
    const before = new Map(this.rows.map((row) => [row.bucket, row.probes]));
    return this.until(
      `every flow is probed ${times} times more`,
      limitMs,
      (rows) =>
        rows.length >= before.size &&
        rows.every((row) => row.probes >= (before.get(row.bucket) ?? 0) + times),
    );
  }

  /** Probes of the target that the exporter spoiled itself, at the last look: those of a starved machine. */
  get invalid(): number {
    return this.#metrics?.sum("ecmp_probes_invalid_total", { target: this.#target }) ?? 0;
  }

  /** The table and the daemon's log, for messages. */
  report(): string {
    const log = this.#daemon.process.stderr;
    return `${showRows(this.rows)}\ninvalid probes: ${this.invalid}\nlog:\n${log}`;
  }
}
