import type { HopNames } from "../topology/hop-names.ts";
import type { EngineObserver } from "./engine-observer.ts";

/** Asks for the name of every hop that a sweep met, and of its destination. */
export function hopLookup(names: HopNames): EngineObserver {
  return {
    onTraced: (flow, _, { seen, way }) => {
      for (const hop of [...seen, ...way, flow.target.target.address.text]) {
        if (hop !== null) names.want(hop);
      }
    },
  };
}
