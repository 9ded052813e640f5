import type { Target } from "../flow/target.ts";
import { type ProbedTarget, sharesFlows } from "./probed-flow.ts";

/** A text where one of `targets` already has the 5-tuples that `target` would have. */
export function duplicateTarget(
  target: Target,
  targets: Iterable<ProbedTarget>,
): string | undefined {
  const other = [...targets].find((probed) => sharesFlows(probed.target, target));
  if (other === undefined) return undefined;
  const { address, port, protocol } = target;
  return `target ${JSON.stringify(other.target.name)} already probes ${address.text} port ${port}/${protocol}; remove one of the two, or give one source_ports of its own`;
}
