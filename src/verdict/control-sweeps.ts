import type { HopControls } from "../localize/case.ts";
import type { ProbedFlow } from "../probe/probed-flow.ts";
import type { TraceResult } from "../trace/trace.ts";

/** A control says nothing of what fails by now after so long, milliseconds. */
const TOLD_FOR_MS = 120_000;

/** What one control showed of one hop on its way. */
interface Told {
  readonly hop: string;
  readonly heard: boolean;
  readonly at: number;
}

/**
 * Which hops answered the sweeps of healthy flows while others failed, and which kept silent though the packets got past them. A hop
 * that keeps silent to these as well does not show where failing flows die.
 */
export class ControlSweeps {
  #told: Told[] = [];

  /**
   * The sweep of a healthy flow beside failing ones ended.
   * @param way its hops as they were known, by TTL from 1
   * @param result what was found
   */
  add(
    flow: ProbedFlow,
    way: readonly (string | null)[],
    { seen, from = 1 }: Pick<TraceResult, "seen" | "from">,
    now: number,
  ): void {
    // One that fails by now tells no longer that packets get past its hops.
    if (flow.state !== "up") return;
    const destination = flow.target.target.address.text;
    for (const [index, hop] of way.entries()) {
      if (index + 1 < from || hop === null || hop === destination) continue;
      const answered = seen[index] ?? null;
      if (answered === null || answered === hop)
        this.#told.push({ hop, heard: answered !== null, at: now });
    }
  }

  /** By hop how many controls it answered, and to how many it kept silent, of those that ended since. */
  since(began: number, now: number): Record<string, HopControls> {
    this.#told = this.#told.filter(({ at }) => now - at <= TOLD_FOR_MS);
    const counts: Record<string, { heard: number; silent: number }> = {};
    for (const { hop, heard, at } of this.#told) {
      if (at < began) continue;
      const count = counts[hop] ?? { heard: 0, silent: 0 };
      counts[hop] = count;
      if (heard) count.heard += 1;
      else count.silent += 1;
    }
    return counts;
  }
}
