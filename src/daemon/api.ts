import type { Clock } from "../clock.ts";
import type { ShownTarget } from "../discovery/target-set.ts";
import type { EngineView } from "../engine/engine-view.ts";
import type { SelfFacts } from "../metrics/self-metrics.ts";
import type { HopNaming } from "../view/hop-view.ts";
import type { RecentTrouble } from "../view/recent-trouble.ts";
import { type SummaryRow, summaryRow } from "../view/summary.ts";
import { type TargetState, type TargetView, targetView } from "../view/target-view.ts";
import type { AnswerSource } from "./serving/answers.ts";
import { jsonList, jsonText, jsonWithList } from "./serving/json-pieces.ts";

/** What the API shows. */
export interface ApiParts {
  /** Every configured target by its name, as of this moment. */
  readonly shown: () => ReadonlyMap<string, ShownTarget>;
  readonly engine: EngineView;
  readonly names: HopNaming;
  readonly facts: SelfFacts;
  readonly recent: RecentTrouble;
  readonly clock: Clock;
}

/** What answers below `/api/v1`, by the name that `remote-parts.ts` asks for. */
export function apiOf({
  shown,
  engine,
  names,
  facts,
  recent,
  clock,
}: ApiParts): AnswerSource["api"] {
  const view = (target: ShownTarget): TargetView =>
    targetView(stateOf(target), { engine, names }, clock.monotonic());
  const status = (): object => ({
    version: facts.build.version,
    raw_sockets: facts.rawSockets,
    reload_successful: facts.reloadSuccessful,
    series_folded: facts.budget.folded,
    targets_reduced: [...facts.targetsReduced().values()].reduce((sum, each) => sum + each, 0),
    event_loop_lag_seconds: facts.eventLoopLag(),
    ...recent.counts(),
  });
  const row = (target: ShownTarget): SummaryRow => {
    const state = stateOf(target);
    return summaryRow(state, state.probed && engine.pathsOf(state.probed));
  };
  return {
    status: () => jsonText(status()),
    summary: () => {
      const head = { time: clock.wall(), exporter: status() };
      return jsonWithList(head, "targets", shown().values(), row);
    },
    targets: () => jsonList(shown().values(), view),
    target: (name) => {
      const found = shown().get(name);
      return found && jsonText(view(found));
    },
  };
}

function stateOf({ spec, probed, error }: ShownTarget): TargetState {
  const { name, protocol, port, labels } = spec;
  return { name, protocol, port, labels, probed, error };
}
