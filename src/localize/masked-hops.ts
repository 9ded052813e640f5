import type { FlowEvidence, HopAddress, LocalizeCase } from "./case.ts";

/** The case with the hops of every flow, of its path and of its sweep, replaced by what `masked` makes of them. */
export function withMaskedHops(
  input: LocalizeCase,
  masked: (hops: readonly HopAddress[]) => HopAddress[],
): LocalizeCase {
  return {
    ...input,
    flows: input.flows.map(
      (flow): FlowEvidence => ({
        ...flow,
        path: flow.path && masked(flow.path),
        seen: masked(flow.seen),
      }),
    ),
  };
}
