import type { Clock } from "../clock.ts";
import type { EngineCounters } from "../probe/engine-counters.ts";
import { SKIP_REASONS } from "../probe/engine-counters.ts";
import { IGNORE_REASONS } from "../probe/reply/match.ts";
import { type Emit, type Family, renderLabels } from "./family.ts";
import type { MetricSpec } from "./metric-spec.ts";
import { OWN_METRICS } from "./own-metric-table.ts";
import type { SeriesBudget } from "./series-budget.ts";

/** What the exporter knows of itself; read at scrape time. */
export interface SelfFacts {
  readonly engine: EngineCounters;
  readonly budget: SeriesBudget;
  readonly build: { readonly version: string; readonly revision: string };
  /** The last attempt to load the configuration succeeded. */
  reloadSuccessful: boolean;
  /** When it last succeeded, seconds since the Unix epoch. */
  reloadedAt: number;
  /** There are raw sockets to probe and trace by. */
  readonly rawSockets: boolean;
  /** Configured source ports that sockets of this host hold. */
  sourcePortsUnavailable: number;
  /** Longest delay of the event loop in the last minute, seconds. */
  eventLoopLag(): number;
  /** Targets that show fewer series than configured, by what they show. */
  targetsReduced(): ReadonlyMap<string, number>;
  /** How often the thread that serves had to be started again. */
  serverRestarts(): number;
  /** Explanations that an error of the program has ended. */
  explanationErrors(): number;
  /** Log lines that could not be written. */
  logLinesLost(): number;
}

/** Notes how an attempt to load the configuration ended. */
export function reloadEnded(facts: SelfFacts, successful: boolean, clock: Clock): void {
  facts.reloadSuccessful = successful;
  if (successful) facts.reloadedAt = clock.wall() / 1000;
}

/** The families of the exporter watching itself. */
export function selfFamilies(facts: SelfFacts): Family[] {
  const { engine, budget, build } = facts;
  const { version, revision } = build;
  const info = renderLabels({ version, revision, nodeversion: process.version });
  return [
    family(OWN_METRICS.buildInfo, (emit) => emit(info, 1)),
    single(OWN_METRICS.configReloadSuccessful, () => (facts.reloadSuccessful ? 1 : 0)),
    single(OWN_METRICS.configReloadSuccessTimestamp, () => facts.reloadedAt),
    single(OWN_METRICS.rawSockets, () => (facts.rawSockets ? 1 : 0)),
    single(OWN_METRICS.packetsSent, () => engine.sent),
    single(OWN_METRICS.packetsReceived, () => engine.received),
    keyed(OWN_METRICS.packetsIgnored, "reason", engine.ignored, IGNORE_REASONS),
    keyed(OWN_METRICS.sendErrors, "code", engine.sendErrors, []),
    single(OWN_METRICS.receiveDrops, () => engine.receiveDrops),
    keyed(OWN_METRICS.probesSkipped, "reason", engine.skipped, SKIP_REASONS),
    single(OWN_METRICS.seriesFolded, () => budget.folded),
    family(OWN_METRICS.targetsReduced, (emit) => {
      for (const [series, count] of facts.targetsReduced()) emit(renderLabels({ series }), count);
    }),
    single(OWN_METRICS.eventLoopLag, () => facts.eventLoopLag()),
    single(OWN_METRICS.serverRestarts, () => facts.serverRestarts()),
    single(OWN_METRICS.explanationErrors, () => facts.explanationErrors()),
    single(OWN_METRICS.logLinesLost, () => facts.logLinesLost()),
    single(OWN_METRICS.sourcePortsUnavailable, () => facts.sourcePortsUnavailable),
  ];
}

/** How many series an exposition shows; only known once all others are written. */
export function seriesFamily(samples: number): Family {
  return single(OWN_METRICS.series, () => samples);
}

function family(spec: MetricSpec, collect: (emit: Emit) => void): Family {
  const { name, type, help } = spec;
  return { name, type, help, collect };
}

function single(spec: MetricSpec, value: () => number): Family {
  return family(spec, (emit) => emit("", value()));
}

/** A counter by one label; the keys known beforehand are at zero from the start. */
function keyed(
  spec: MetricSpec,
  label: string,
  counts: ReadonlyMap<string, number>,
  known: readonly string[],
): Family {
  return family(spec, (emit) => {
    for (const key of new Set([...known, ...counts.keys()])) {
      emit(renderLabels({ [label]: key }), counts.get(key) ?? 0);
    }
  });
}
