import type { Clock } from "../clock.ts";
import type { EngineObserver } from "../engine/engine-observer.ts";
import type { EngineView } from "../engine/engine-view.ts";
import type { Log } from "../log.ts";
import type { EngineCounters } from "../probe/engine-counters.ts";
import { EventLog } from "../view/event-log.ts";
import { ExporterTrouble } from "../view/exporter-trouble.ts";
import { RecentTrouble } from "../view/recent-trouble.ts";
import { TargetHistory } from "../view/target-history.ts";
import { count } from "../view/words.ts";

/** What is remembered of the past: events, and an hour of each target. */
export class Recorder {
  readonly events: EventLog;
  readonly history: TargetHistory;
  /** The exporter's own trouble of the last minutes. */
  readonly recent: RecentTrouble;
  readonly #trouble: ExporterTrouble;

  readonly #log: Log;

  constructor(engine: EngineView, counters: EngineCounters, clock: Clock, log: Log) {
    this.#log = log;
    this.events = new EventLog(() => clock.wall());
    this.history = new TargetHistory(engine, clock);
    this.recent = new RecentTrouble(counters);
    this.#trouble = new ExporterTrouble(this.recent, this.events);
  }

  /** What is to be told by the engine. */
  get observers(): readonly EngineObserver[] {
    return [this.events, this.history];
  }

  /** Call it with each turn of the loop. @param now milliseconds, monotonic */
  turn(now: number): void {
    this.recent.turn(now);
    this.#trouble.turn(now);
  }

  /** Source ports were rotated. */
  rotated(targets: number): void {
    this.events.add("rotation", null, `${count(targets, "target")} rotated source ports.`);
  }

  /** A configuration or target files are in force. @param what as the log says it */
  loaded(what: string, targets: number): void {
    this.#log.info(what, { targets });
    this.events.add("reload", null, `${what}: ${count(targets, "target")}.`);
  }

  /** A reload failed. */
  refused(message: string): void {
    this.#log.error("reload failed; keeping the previous configuration", { error: message });
    this.events.add(
      "reload",
      null,
      `reload failed; keeping the previous configuration: ${message}`,
    );
  }
}
