import type { Clock } from "../clock.ts";
import type { ConfigSource } from "../config/load.ts";
import { LoopTurns } from "../discovery/loop-turns.ts";
import { type ShownTarget, TargetSet } from "../discovery/target-set.ts";
import { Engine } from "../engine/engine.ts";
import { hopLookup } from "../engine/hop-lookup.ts";
import { openWireIfAny, type Wire } from "../engine/open-wire.ts";
import { ENGINE_TURN_MS } from "../engine/turn-pause.ts";
import type { Log } from "../log.ts";
import { reloadEnded, type SelfFacts, selfFamilies } from "../metrics/self-metrics.ts";
import { apiOf } from "./api.ts";
import { engineSettings, type Loaded } from "./configuration.ts";
import { ExplanationErrors } from "./explanation-errors.ts";
import { HopKnowledge } from "./hop-knowledge.ts";
import { Jobs } from "./jobs.ts";
import { LoopLag } from "./lag.ts";
import { loadInThread, reloadFilesInThread } from "./loading/loading-thread.ts";
import { portsInUse } from "./ports-in-use.ts";
import { Recorder } from "./recorder.ts";
import { ServingThread } from "./serving/serving-thread.ts";
import { SpareTime } from "./serving/spare-time.ts";
import { Soon } from "./soon.ts";
import { OverlapWarning, portRanges } from "./source-ports.ts";
import { Telemetry } from "./telemetry.ts";
import { TurnLoop } from "./turn-loop.ts";
import { verdictLog } from "./verdict-log.ts";
import { WatchedFiles } from "./watched-files.ts";

/** What the daemon is started with. */
export interface DaemonOptions extends ConfigSource {
  readonly listenAddress: string;
  readonly telemetryPath: string;
  readonly webConfigFile: string | undefined;
  readonly build: { readonly version: string; readonly revision: string };
  /** `raw` does without the packet ring. */
  readonly receiver: "auto" | "raw";
  readonly clock: Clock;
  readonly log: Log;
  readonly logLinesLost: () => number;
}

/** The composition root: builds every part, wires them, reloads and stops them. */
export class Daemon {
  readonly #options: DaemonOptions;
  readonly #wire: Wire;
  /** By what the wire was opened. */
  readonly #rawSockets: Loaded["config"]["rawSockets"];
  readonly #engine: Engine;
  readonly #targets: TargetSet;
  readonly #telemetry: Telemetry;
  readonly #hops: HopKnowledge;
  readonly #facts: SelfFacts;
  readonly #jobs: Jobs;
  readonly #lag: LoopLag = new LoopLag();
  readonly #overlap: OverlapWarning;
  readonly #loop: TurnLoop;
  readonly #spare: SpareTime;
  readonly #recorder: Recorder;
  #loaded: Loaded;
  readonly #files: WatchedFiles = new WatchedFiles(() => this.#filesChanged());
  #configurationRefused = false;
  /** The first configuration has been applied. */
  #isReady = false;
  #serving: ServingThread | undefined;
  /** A thousand names that resolve one after the other are shown together. */
  readonly #showing: Soon = new Soon(() => this.#showTargets(), 50);
  #shown: Map<string, ShownTarget> = new Map();
  readonly #turns: LoopTurns = new LoopTurns();
  /** Reloads run one after the other. */
  #reloading: Promise<unknown> = Promise.resolve();

  private constructor(options: DaemonOptions, loaded: Loaded, wire: Wire) {
    const { clock, log, build } = options;
    this.#options = options;
    this.#loaded = loaded;
    this.#wire = wire;
    this.#rawSockets = loaded.config.rawSockets;
    this.#loop = new TurnLoop((pausedMs) => this.#turn(pausedMs));
    this.#spare = new SpareTime(clock, () => this.#loop.hurry());
    this.#hops = new HopKnowledge(clock, log);
    this.#overlap = new OverlapWarning(log);
    const settings = engineSettings(loaded);
    this.#engine = new Engine({ wire, clock, settings, routers: this.#hops.routers });
    const telemetry = new Telemetry({
      clock,
      log,
      series: loaded.config.limits.series,
      probed: (name) => this.#shown.get(name)?.probed,
      view: this.#engine,
    });
    this.#telemetry = telemetry;
    this.#recorder = new Recorder(this.#engine, this.#engine.prober.counters, clock, log);
    const hops = hopLookup(this.#hops.names);
    const errors = new ExplanationErrors(log, clock);
    const observers = [telemetry.engine, hops, verdictLog(log), errors];
    for (const observer of [...observers, ...this.#recorder.observers]) {
      this.#engine.observe(observer);
    }
    this.#targets = new TargetSet(this.#engine, log, () => this.#showing.ask());
    this.#facts = {
      engine: this.#engine.prober.counters,
      budget: telemetry.budget,
      build,
      reloadSuccessful: true,
      reloadedAt: clock.wall() / 1000,
      rawSockets: this.#engine.prober.hasRaw,
      sourcePortsUnavailable: 0,
      eventLoopLag: () => this.#lag.longest,
      targetsReduced: () => telemetry.engine.modes.reduced(),
      serverRestarts: () => this.#serving?.restarts ?? 0,
      explanationErrors: () => errors.count,
      logLinesLost: options.logLinesLost,
    };
    const topologies = () =>
      this.#targets.probed().map((target) => this.#engine.pathsOf(target).topology);
    telemetry.show(this.#hops.families(topologies, telemetry.budget));
    telemetry.show(selfFamilies(this.#facts));
    this.#jobs = new Jobs(
      {
        probed: () => this.#targets.probed(),
        rotate: (target, spreadMs) => this.#engine.prober.rotate(target, spreadMs),
        survey: (target) => this.#engine.survey(target),
        beforeRotation: () => this.#lookAtPorts(),
        onRotated: (targets) => this.#recorder.rotated(targets),
        refresh: () => void this.#targets.refresh(),
      },
      log,
    );
  }

  /**
   * Loads the configuration, opens the sockets, listens and begins to probe.
   * @throws {ConfigError} for a bad configuration, Error with one sentence for a missing privilege or a port in use
   */
  static async start(options: DaemonOptions): Promise<Daemon> {
    const loaded = await loadInThread(options);
    const ranges = portRanges(loaded);
    const { clock, log, receiver } = options;
    const wire = await openWireIfAny(loaded.config.rawSockets, clock, log, ranges, receiver);
    const daemon = new Daemon(options, loaded, wire);
    try {
      daemon.#serving = await daemon.#serve();
    } catch (error) {
      daemon.#closeWire();
      throw error;
    }
    await daemon.#activate(loaded);
    daemon.#loop.start();
    daemon.#isReady = true;
    return daemon;
  }

  /** Where the server can be reached. */
  get url(): string {
    return this.#serving?.url ?? "";
  }

  /**
   * Loads the configuration again: everything is read and checked before anything changes, and on any error the
   * running configuration stays.
   */
  reload(): Promise<{ ok: true } | { ok: false; message: string }> {
    const run = async (): Promise<{ ok: true } | { ok: false; message: string }> => {
      try {
        const loaded = await loadInThread(this.#options);
        await this.#activate(loaded);
        this.#configurationRefused = false;
        reloadEnded(this.#facts, true, this.#options.clock);
        this.#recorder.loaded("configuration reloaded", loaded.specs.length);
        return { ok: true };
      } catch (error) {
        this.#configurationRefused = true;
        return { ok: false, message: this.#refused(error) };
      }
    };
    const result = this.#reloading.then(run);
    this.#reloading = result;
    return result;
  }

  /** Stops probing, answers the requests in flight, lets a reload under way end, closes everything. */
  async stop(): Promise<void> {
    this.#loop.stop();
    this.#files.close();
    this.#showing.cancel();
    const answering = setInterval(() => this.#spare.turn(), ENGINE_TURN_MS);
    await this.#serving?.close();
    clearInterval(answering);
    await this.#reloading;
    this.#jobs.stop();
    this.#closeWire();
  }

  /** @returns how long the next turn may wait */
  #turn(pausedMs: number): number {
    const now = this.#options.clock.monotonic();
    this.#lag.turn(now, pausedMs);
    this.#recorder.turn(now);
    this.#engine.turn();
    this.#telemetry.turn(now);
    this.#spare.turn(this.#options.clock.monotonic() - now);
    const pauseMs = this.#engine.pauseMs();
    return this.#spare.isBusy ? Math.min(ENGINE_TURN_MS, pauseMs) : pauseMs;
  }

  /** Goes by a configuration from now on. The loop turns between one part of it and the next. */
  async #activate(loaded: Loaded): Promise<void> {
    const { log } = this.#options;
    const { config, specs } = loaded;
    if (config.rawSockets !== this.#rawSockets) {
      log.warn("a change of raw_sockets needs a restart", { raw_sockets: config.rawSockets });
    }
    const refused = this.#wire.receiver.filter(portRanges(loaded));
    if (refused) throw new Error(refused);
    this.#loaded = loaded;
    this.#hops.configure(loaded);
    this.#telemetry.budget.limit = config.limits.series;
    this.#engine.configure(engineSettings(loaded));
    this.#lookAtPorts();
    this.#targets.allow(loaded.config.limits.allowNetworks);
    await this.#turns.next();
    this.#targets.apply(specs);
    await this.#turns.next();
    this.#showTargets();
    await this.#turns.next();
    void this.#targets.refresh();
    const rotations = specs.map(({ rotation }) => rotation);
    this.#jobs.start(config.trace.survey, rotations);
    this.#overlap.look(portRanges(loaded));
    this.#files.follow(config);
  }

  #filesChanged(): void {
    const run = async (): Promise<void> => {
      try {
        const { loaded, problem } = await reloadFilesInThread(this.#loaded);
        await this.#activate(loaded);
        if (problem !== undefined) throw problem;
        // Good target files do not make up for a configuration that was refused.
        if (!this.#configurationRefused) reloadEnded(this.#facts, true, this.#options.clock);
        this.#recorder.loaded("target files read", loaded.specs.length);
      } catch (error) {
        this.#refused(error);
      }
    };
    this.#reloading = this.#reloading.then(run);
  }

  #refused(error: unknown): string {
    const message = error instanceof Error ? error.message : String(error);
    reloadEnded(this.#facts, false, this.#options.clock);
    this.#recorder.refused(message);
    return message;
  }

  #showTargets(): void {
    this.#showing.cancel();
    const shown = this.#targets.shown();
    this.#shown = new Map(shown.map((target) => [target.spec.name, target]));
    const specs = shown.map(({ spec }) => spec);
    this.#telemetry.engine.setTargets(specs, this.#loaded.config.limits.lastHopsPerTarget);
  }

  #lookAtPorts(): void {
    const used = portsInUse(portRanges(this.#loaded));
    for (const own of this.#engine.prober.portsInUse()) used.delete(own);
    this.#engine.prober.unavailablePorts = used;
    this.#facts.sourcePortsUnavailable = used.size;
  }

  #serve(): Promise<ServingThread> {
    const { listenAddress, telemetryPath, webConfigFile, log, build, clock } = this.#options;
    return ServingThread.start({
      options: { listenAddress, telemetryPath, webConfigFile, version: build.version },
      source: {
        telemetry: this.#telemetry,
        ready: () => this.#isReady,
        reload: () => this.reload(),
        configText: () => this.#loaded.config.text,
        api: apiOf({
          shown: () => this.#shown,
          engine: this.#engine,
          names: this.#hops,
          facts: this.#facts,
          recorder: this.#recorder,
          clock,
          grafanaUrl: () => this.#loaded.config.grafanaUrl,
        }),
      },
      spare: this.#spare,
      log,
    });
  }

  #closeWire(): void {
    this.#engine.close();
    this.#wire.sender.close();
    this.#wire.receiver.close();
  }
}
