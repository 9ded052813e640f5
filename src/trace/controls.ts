import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import { type DoubtedHop, Trace, type TraceResult, type TraceSettings } from "./trace.ts";

/** So many at once, over all targets: hops give few answers, and failing flows need them. */
const MOST = 4;
/** A healthy flow of a target is swept beside failing ones when the last such control is older than this. */
const EVERY_MS = 60_000;
/** The same for a hop that is in doubt. */
const HOP_EVERY_MS = 15_000;

/** A healthy flow to be swept, and the hop that is in doubt on its way; undefined for none in particular. */
export interface Control {
  readonly flow: ProbedFlow;
  readonly doubted: DoubtedHop | undefined;
}

/** What is known of flows that may be swept as controls. */
interface Flows {
  /** Whether it is swept already. */
  readonly isTraced: (flow: ProbedFlow) => boolean;
  /** Whether a control that began is not over yet. */
  readonly isUnderWay: (control: Trace) => boolean;
  /** Its hops, by TTL from 1; undefined for a way that is not known. */
  readonly pathOf: (flow: ProbedFlow) => readonly (string | null)[] | undefined;
}

/**
 * Chooses the controls: sweeps of healthy flows beside those of failing ones. Where a failing flow's sweep met silence at a
 * hop of its way, a healthy flow that crosses the same hop tells whether packets die before it or its answers get lost.
 */
export class Controls {
  readonly #traces: Set<Trace> = new Set();
  /** By target: when a control was begun, by the hop that was in doubt, and any at all under the empty name. */
  readonly #begun: WeakMap<ProbedTarget, Map<string, number>> = new WeakMap();
  readonly #flows: Flows;

  constructor(flows: Flows) {
    this.#flows = flows;
  }

  /** One begins. */
  begin({ flow, doubted }: Control, settings: TraceSettings, now: number): Trace {
    const trace = new Trace(flow, "control", settings, now, doubted);
    this.#traces.add(trace);
    return trace;
  }

  /** The control that is due as a sweep of a failing flow begins; undefined where none is. */
  beside({ target }: ProbedFlow, now: number): Control | undefined {
    if (!this.#hasRoom()) return undefined;
    const flow = target.flows.find((other) => other !== undefined && this.#isFree(other));
    if (flow === undefined || !this.#isDue(target, "", EVERY_MS, now)) return undefined;
    return { flow, doubted: undefined };
  }

  /** The control that is due since a sweep of a failing flow has ended so; undefined where none is. */
  after(failing: ProbedFlow, { seen }: TraceResult, now: number): Control | undefined {
    if (!this.#hasRoom()) return undefined;
    const way = this.#flows.pathOf(failing) ?? [];
    const { target } = failing;
    for (const [index, hop] of way.entries()) {
      if (hop === null || hop === target.target.address.text || (seen[index] ?? null) !== null) {
        continue;
      }
      const flow = target.flows.find(
        (other) =>
          other !== undefined && this.#isFree(other) && this.#flows.pathOf(other)?.[index] === hop,
      );
      if (flow === undefined || !this.#isDue(target, hop, HOP_EVERY_MS, now)) continue;
      return { flow, doubted: { hop, ttl: index + 1 } };
    }
    return undefined;
  }

  #hasRoom(): boolean {
    for (const trace of this.#traces) {
      if (!this.#flows.isUnderWay(trace)) this.#traces.delete(trace);
    }
    return this.#traces.size < MOST;
  }

  #isFree(flow: ProbedFlow): boolean {
    return flow.state === "up" && !this.#flows.isTraced(flow);
  }

  /** Whether no control of the kind has begun for so long; one begins now if so. */
  #isDue(target: ProbedTarget, hop: string, everyMs: number, now: number): boolean {
    const begun = this.#begun.get(target) ?? new Map<string, number>();
    this.#begun.set(target, begun);
    if (now - (begun.get(hop) ?? Number.NEGATIVE_INFINITY) < everyMs) return false;
    begun.set(hop, now);
    begun.set("", now);
    return true;
  }
}
