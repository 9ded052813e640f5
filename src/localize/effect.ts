/** What a hypothesis does: to `all` flows of its location or to a `share` of them; they die, or lose a part (`loss`). */
export interface Effect {
  readonly extent: "all" | "share";
  readonly kind: "dead" | "loss";
}

/** It takes every packet of every flow that crosses the place. */
export const DEAD_ALL: Effect = { extent: "all", kind: "dead" };

/** Whether it takes every packet of every flow that crosses the place. */
export function killsAll({ extent, kind }: Effect): boolean {
  return extent === "all" && kind === "dead";
}
