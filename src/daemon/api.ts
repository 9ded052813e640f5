import type { Clock } from "../clock.ts";
import type { ShownTarget } from "../discovery/target-set.ts";
import type { EngineView } from "../engine/engine-view.ts";
import type { EventQuery } from "../http/routes.ts";
import type { SelfFacts } from "../metrics/self-metrics.ts";
import type { HopNaming } from "../view/hop-view.ts";
import { type SummaryRow, summaryRow } from "../view/summary.ts";
import { type TargetState, type TargetView, targetViewInSteps } from "../view/target-view.ts";
import { ticketText } from "../view/ticket.ts";
import type { Recorder } from "./recorder.ts";
import type { AnswerSource } from "./serving/answers.ts";
import { jsonList, jsonOfSteps, jsonText, jsonWithList } from "./serving/json-pieces.ts";

/** What the API shows. */
export interface ApiParts {
  /** Every configured target by its name, as of this moment. */
  readonly shown: () => ReadonlyMap<string, ShownTarget>;
  readonly engine: EngineView;
  readonly names: HopNaming;
  readonly facts: SelfFacts;
  readonly recorder: Pick<Recorder, "events" | "history" | "recent">;
  readonly clock: Clock;
  /** Where the dashboards are; empty for nowhere. */
  readonly grafanaUrl: () => string;
}

/** What answers below `/api/v1`, by the name that `remote-parts.ts` asks for. */
export function apiOf(parts: ApiParts): AnswerSource["api"] {
  const { shown, engine, names, facts, clock } = parts;
  const { events, history, recent } = parts.recorder;
  const view = (target: ShownTarget): Generator<void, TargetView> =>
    targetViewInSteps(stateOf(target), { engine, names }, clock.monotonic());
  const status = (): object => ({
    version: facts.build.version,
    raw_sockets: facts.rawSockets,
    reload_successful: facts.reloadSuccessful,
    series_folded: facts.budget.folded,
    targets_reduced: [...facts.targetsReduced().values()].reduce((sum, each) => sum + each, 0),
    event_loop_lag_seconds: facts.eventLoopLag(),
    grafana_url: parts.grafanaUrl() || null,
    ...recent.counts(),
  });
  const row = (target: ShownTarget): SummaryRow => {
    const state = stateOf(target);
    const { probed } = state;
    return probed === undefined
      ? summaryRow(state, undefined)
      : summaryRow(state, engine.pathsOf(probed), history.past(probed));
  };
  /** What is shown of one target alone: how it was of late as well, and a ticket. */
  const inFull = function* (target: ShownTarget): Generator<void, object> {
    const past = target.probed && history.past(target.probed);
    yield;
    const shownNow = yield* view(target);
    const changed_at = past?.changed_at ?? null;
    return {
      ...shownNow,
      success_ratio: past?.success_ratio ?? null,
      changed_at,
      ticket: ticketText(shownNow, clock.wall(), changed_at ?? undefined) ?? null,
    };
  };
  return {
    status: () => jsonText(status()),
    summary: () => {
      const head = { time: clock.wall(), exporter: status() };
      return jsonWithList(head, "targets", shown().values(), (target) => jsonText(row(target)));
    },
    targets: () => jsonList(shown().values(), (target) => jsonOfSteps(view(target))),
    target: (name) => {
      const found = shown().get(name);
      return found && jsonOfSteps(inFull(found));
    },
    history: (name) => {
      const probed = shown().get(name)?.probed;
      return probed && jsonOfSteps(history.read(probed));
    },
    events: (argument) => {
      const { since, target } = JSON.parse(argument) as EventQuery;
      const head = { time: clock.wall(), last: events.last };
      return jsonWithList(head, "events", events.since(since, target), jsonText);
    },
  };
}

function stateOf({ spec, probed, error }: ShownTarget): TargetState {
  const { name, protocol, port, labels } = spec;
  return { name, protocol, port, labels, probed, error };
}
