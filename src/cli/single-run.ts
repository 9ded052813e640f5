import type { Clock } from "../clock.ts";
import { portsInUse } from "../daemon/ports-in-use.ts";
import { reverseDns } from "../discovery/reverse-dns.ts";
import { TargetSet } from "../discovery/target-set.ts";
import { Engine } from "../engine/engine.ts";
import type { EngineSettings } from "../engine/engine-options.ts";
import { hopLookup } from "../engine/hop-lookup.ts";
import { openWire, type Wire } from "../engine/open-wire.ts";
import { ENGINE_TURN_MS } from "../engine/turn-pause.ts";
import type { TargetSpec } from "../flow/target.ts";
import type { Log } from "../log.ts";
import type { ProbedTarget } from "../probe/probed-flow.ts";
import { HopNames } from "../topology/hop-names.ts";
import { RouterIdentity } from "../topology/router-identity.ts";
import type { HopNaming } from "../view/hop-view.ts";
import { suspectViews, type TargetView, targetView } from "../view/target-view.ts";

/** What a run is started with. */
export interface SingleRunOptions {
  readonly target: TargetSpec;
  readonly settings: EngineSettings;
  /** Healthy flows whose paths are looked for. */
  readonly sample: number;
  readonly receiver: "auto" | "raw";
  readonly clock: Clock;
  readonly log: Log;
}

/** The engine with one target, without configuration, cron jobs and HTTP: what `trace` looks through. */
export class SingleRun {
  readonly #probed: ProbedTarget;
  readonly #engine: Engine;
  readonly #names: HopNaming;
  readonly #wire: Wire;
  readonly #clock: Clock;
  readonly #loop: NodeJS.Timeout;

  private constructor(
    probed: ProbedTarget,
    engine: Engine,
    names: HopNaming,
    wire: Wire,
    clock: Clock,
  ) {
    this.#names = names;
    this.#probed = probed;
    this.#engine = engine;
    this.#wire = wire;
    this.#clock = clock;
    this.#loop = setInterval(() => engine.turn(), ENGINE_TURN_MS);
  }

  /**
   * Resolves the target, opens the sockets and begins to probe.
   * @throws Error with one sentence for a missing privilege, or a target that cannot be probed
   */
  static async start(options: SingleRunOptions): Promise<SingleRun> {
    const { target, settings, sample, clock, log } = options;
    const ranges = [target.sourcePorts];
    const wire = await openWire(clock, log, ranges, options.receiver);
    try {
      const names = new HopNames(reverseDns, clock);
      const routers = new RouterIdentity(names);
      const engine = new Engine({ wire, clock, settings, sample, routers });
      engine.observe(hopLookup(names));
      engine.prober.unavailablePorts = portsInUse(ranges);
      const quiet: Log = { ...log, warn: () => undefined };
      const targets = new TargetSet(engine, quiet, () => undefined);
      targets.apply([target]);
      await targets.refresh();
      const naming = {
        nameOf: (hop: string) => names.nameOf(hop),
        routerOf: (hop: string) => routers.routerOf(hop)?.router,
      };
      const [shown] = targets.shown();
      if (shown?.probed === undefined) throw new Error(shown?.error ?? "there is no target");
      return new SingleRun(shown.probed, engine, naming, wire, clock);
    } catch (error) {
      close(wire);
      throw error;
    }
  }

  /** The target as the API shows it, but for the verdict, which the API tells once it has been found again. */
  view(): TargetView {
    const { name, protocol, port, labels } = this.#probed.target;
    const state = { name, protocol, port, labels, probed: this.#probed, error: undefined };
    const source = { engine: this.#engine, names: this.#names };
    return targetView(state, source, this.#clock.monotonic());
  }

  /** The target with the verdict of this moment. */
  conclude(): TargetView {
    const paths = this.#engine.pathsOf(this.#probed);
    const concluded = this.#engine.conclude(this.#probed);
    return { ...this.view(), ...concluded, suspects: suspectViews(concluded, paths) };
  }

  /** Packets sent so far. */
  get packetsSent(): number {
    return this.#engine.prober.counters.sent;
  }

  /** Stops probing and closes the sockets. */
  stop(): void {
    clearInterval(this.#loop);
    close(this.#wire);
  }
}

function close({ sender, receiver }: Wire): void {
  sender.close();
  receiver.close();
}
