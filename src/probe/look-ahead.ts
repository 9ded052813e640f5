import type { ProbedFlow, ProbedTarget } from "./probed-flow.ts";

/**
 * Reads what sending the next probes of these targets will need, before they are sent one after the other. What belongs to a flow lies far
 * apart in memory, and a processor that comes to each thing by the one before waits a fifth of a microsecond for each; in a loop
 * that does nothing else it waits for those of several flows at once.
 * @returns a number without a meaning: what is read for nothing would not be read at all
 */
export function lookAhead(targets: readonly ProbedTarget[]): number {
  const flows: (ProbedFlow | undefined)[] = [];
  for (const { flows: own, pacer } of targets) flows.push(own[pacer.nextSlot]);
  let looked = 0;
  for (const flow of flows) looked += flow?.glanceToSend() ?? 0;
  return looked;
}
