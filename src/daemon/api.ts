import type { Clock } from "../clock.ts";
import type { ShownTarget } from "../discovery/target-set.ts";
import type { EngineView } from "../engine/engine-view.ts";
import type { RouteParts } from "../http/routes.ts";
import type { SelfFacts } from "../metrics/self-metrics.ts";
import type { HopNaming } from "../view/hop-view.ts";
import type { RecentTrouble } from "../view/recent-trouble.ts";
import { Summary } from "../view/summary.ts";
import { type TargetState, type TargetView, targetView } from "../view/target-view.ts";

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

/** What answers below `/api/v1`. */
export function apiOf({ shown, engine, names, facts, recent, clock }: ApiParts): RouteParts["api"] {
  const summary = new Summary(
    {
      targets: () => [...shown().values()].map(stateOf),
      pathsOf: (target) => engine.pathsOf(target),
    },
    clock,
  );
  const view = (target: ShownTarget): TargetView =>
    targetView(stateOf(target), { engine, names }, clock.monotonic());
  const status = (): object => ({
    version: facts.build.version,
    raw_sockets: facts.rawSockets,
    reload_successful: facts.reloadSuccessful,
    series_folded: facts.budget.folded,
    event_loop_lag_seconds: facts.eventLoopLag(),
    ...recent.counts(),
  });
  return {
    status,
    summary: async () => ({
      time: clock.wall(),
      exporter: status(),
      targets: await summary.rows(),
    }),
    targets: () => [...shown().values()].map(view),
    target: (name) => {
      const found = shown().get(name);
      return found && view(found);
    },
  };
}

function stateOf({ spec, probed, error }: ShownTarget): TargetState {
  const { name, protocol, port, labels } = spec;
  return { name, protocol, port, labels, probed, error };
}
