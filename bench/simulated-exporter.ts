import type { Clock } from "../src/clock.ts";
import { Recorder } from "../src/daemon/recorder.ts";
import { Telemetry } from "../src/daemon/telemetry.ts";
import { Engine } from "../src/engine/engine.ts";
import { ENGINE_TURN_MS } from "../src/engine/turn-pause.ts";
import type { Target } from "../src/flow/target.ts";
import type { ProbedTarget } from "../src/probe/probed-flow.ts";
import { RouterIdentity } from "../src/topology/router-identity.ts";
import { makeTarget } from "../test/support/target.ts";
import { InstantNetwork } from "./instant-network.ts";

const FLOWS = 64;
const INTERVAL_MS = 10_000;
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/**
 * Time that goes on by whole turns, and within a turn as it is told. A turn that takes longer than there is to the next delays it:
 * what goes by a share of a turn has to see time pass, or it would never end its share.
 */
export class SimulatedClock implements Clock {
  #turnBegan = 10_000;
  /** The latest time that was told. */
  #told = 10_000;
  readonly #within: () => number;
  readonly #turnBegins: () => void;

  /** @param within milliseconds since the turn began @param turnBegins is called when one does */
  constructor(within: () => number, turnBegins: () => void) {
    this.#within = within;
    this.#turnBegins = turnBegins;
  }

  monotonic(): number {
    this.#told = Math.max(this.#told, this.#turnBegan + this.#within());
    return this.#told;
  }

  wall(): number {
    return 1_700_000_000_000 + this.monotonic();
  }

  /** A turn later. */
  advance(): void {
    this.#turnBegan = Math.max(this.#turnBegan + ENGINE_TURN_MS, this.#told);
    this.#turnBegins();
  }
}

/** Engine, counters and history of a real exporter over a wire in memory, in time that is not waited for. */
export class SimulatedExporter {
  readonly clock: SimulatedClock;
  readonly wire: InstantNetwork;
  readonly engine: Engine;
  readonly telemetry: Telemetry;
  readonly #recorder: Recorder;
  readonly #probed = new Map<string, ProbedTarget>();
  readonly #targets: readonly Target[];

  /**
   * @param targets how many, of 64 flows that are probed every 10 s
   * @param surveyed whether the paths of healthy flows are learnt, as in the program; probes alone are left without
   */
  constructor(clock: SimulatedClock, targets: number, surveyed = true) {
    this.clock = clock;
    this.wire = new InstantNetwork(clock);
    this.engine = new Engine({
      wire: { sender: this.wire, receiver: this.wire },
      clock,
      routers: new RouterIdentity({ changes: 0, nameOf: () => undefined }),
      ...(surveyed ? {} : { sample: 0 }),
      settings: {
        packetsPerSecond: 20_000,
        trace: { maxHops: 30, attempts: 3, packetsPerSecond: 200, hopPacketsPerSecond: 10 },
      },
    });
    this.telemetry = new Telemetry({
      clock,
      log: silent,
      series: 1_000_000,
      probed: (name) => this.#probed.get(name),
      view: this.engine,
    });
    const { counters } = this.engine.prober;
    this.#recorder = new Recorder(this.engine, counters, clock, silent);
    for (const observer of [this.telemetry.engine, ...this.#recorder.observers]) {
      this.engine.observe(observer);
    }
    this.#targets = Array.from({ length: targets }, (_, at) =>
      makeTarget({
        name: `t-${at}`,
        to: `198.51.${100 + Math.floor(at / 250)}.${(at % 250) + 1}`,
        flowBuckets: FLOWS,
        intervalMs: INTERVAL_MS,
        timeoutMs: 1000,
      }),
    );
    this.telemetry.engine.setTargets(this.#targets, 16);
  }

  /** Begins all targets, one a turn of the event loop as in the program. @param around is handed what a turn does */
  begin(around: (turn: () => void) => void = (turn) => turn()): void {
    for (const spec of this.#targets) {
      around(() => {
        const target = this.engine.prober.add(spec);
        if (typeof target === "string") throw new Error(target);
        this.#probed.set(spec.name, target);
        this.engine.begin(target);
        this.turn();
      });
    }
  }

  /** One turn as the daemon takes it, some milliseconds after the last. */
  turn(): void {
    this.clock.advance();
    const began = this.clock.monotonic();
    this.#recorder.turn(began);
    this.engine.turn();
    this.telemetry.turn(began);
  }

  /** Turns for so long, milliseconds of its clock. @param around is handed what a turn does */
  run(ms: number, around: (turn: () => void) => void = (turn) => turn()): void {
    for (const end = this.clock.monotonic() + ms; this.clock.monotonic() < end; ) {
      around(() => this.turn());
    }
  }
}
