import type { Outcome } from "./outcome.ts";
import type { ProbedFlow, ProbedTarget } from "./probed-flow.ts";
import { isRateLimited } from "./unreachable-pace.ts";

/** Probes that confirm a change. With the failure before them a dead flow has failed four times in a row. */
const CONFIRMATIONS = 3;
/** Between the end of a probe and the next: what comes a little late is still told from an answer to the next probe. */
const GAP_MS = 250;
/** A flow that fails now and then is confirmed no more often, so that its extra probes stay few. */
const AGAIN_MS = 60_000;
/** A target gets as many confirmations as it gets probes, or one in this time where it gets fewer. */
const TARGET_GAP_MS = 500;
/** A confirmation has ended this long before the flow's next probe is due. */
const MARGIN_MS = 100;

/** A confirmation under way. */
interface Pending {
  /** Probes still to be sent. */
  left: number;
  dueAt: number;
}

/**
 * Which flows are probed again at once, outside their slots: one whose probe is the first to fail, so that a dead flow
 * is told from one that loses a part without waiting for the next rounds, and one that answers after it was dead.
 *
 *     slot            slot + timeout                                   next slot
 *      ├─ lost ───────┤ ├─ 1 ─┤ ├─ 2 ─┤ ├─ 3 ─┤                          ├─
 *
 * These are probes like any other and count everywhere as such: in `ecmp_probes_total` and its failures, in the evidence
 * of verdicts, in round-trip times. Their number is fixed beforehand and does not depend on how they end, so the loss
 * ratio of a flow stays what it is; over a target, flows that fail weigh more by no more than three probes a minute
 * each. They are sent only from what the packet budget has to spare, never more than the target's own rate again, and
 * only where they end before the flow's next slot: at short intervals the rounds themselves are as fast.
 *
 * Probes of a destination that limits the rate of its answers are not confirmed: the extra ones would use up the answers to
 * those in their slots.
 */
export class Confirmations {
  readonly #pending: Map<ProbedFlow, Pending> = new Map();
  /** When a target may be sent the next confirmation. */
  readonly #nextAt: WeakMap<ProbedTarget, number> = new WeakMap();

  /** The flow's probe was sent in its own slot. */
  slot(flow: ProbedFlow, now: number): void {
    flow.slotAt = now;
    this.#end(flow);
  }

  /** A probe of the flow ended, in its slot or outside it. */
  ended(flow: ProbedFlow, outcome: Outcome, now: number): void {
    const before = flow.failures;
    if (outcome.kind !== "invalid") flow.failures = outcome.kind === "failed" ? before + 1 : 0;
    const pending = this.#pending.get(flow);
    if (pending !== undefined) {
      if (pending.left === 0) this.#end(flow);
      else pending.dueAt = now + GAP_MS;
      return;
    }
    const began = outcome.kind === "failed" && before === 0 && now - flow.confirmedAt >= AGAIN_MS;
    const revived = outcome.kind === "answered" && before > CONFIRMATIONS;
    if (began || revived) this.#begin(flow, began, now);
  }

  /** The flow is in doubt for another reason than how its probe ended. */
  ask(flow: ProbedFlow, now: number): void {
    if (!this.#pending.has(flow) && now - flow.confirmedAt >= AGAIN_MS)
      this.#begin(flow, true, now);
  }

  #begin(flow: ProbedFlow, began: boolean, now: number): void {
    const { target, rateLimit } = flow.target;
    if (!flow.active || rateLimit !== undefined || isRateLimited(target)) return;
    if (began) flow.confirmedAt = now;
    flow.confirming = true;
    this.#pending.set(flow, { left: CONFIRMATIONS, dueAt: now + GAP_MS });
  }

  /**
   * Sends what is due.
   * @param send sends the flow's probe; false where the budget has nothing to spare now
   */
  turn(now: number, send: (flow: ProbedFlow) => boolean): void {
    for (const [flow, pending] of this.#pending) {
      const { target, pacer } = flow.target;
      const next = flow.slotAt + target.intervalMs;
      if (!flow.active || (!flow.inFlight && now + target.timeoutMs + MARGIN_MS > next)) {
        this.#end(flow);
        continue;
      }
      const free = now >= (this.#nextAt.get(flow.target) ?? 0);
      if (flow.inFlight || pending.left === 0 || pending.dueAt > now || !free) continue;
      // Before it is sent: one that the kernel does not take ends within the call.
      pending.left -= 1;
      if (!send(flow)) {
        pending.left += 1;
        return;
      }
      this.#nextAt.set(flow.target, now + Math.min(pacer.step, TARGET_GAP_MS));
    }
  }

  #end(flow: ProbedFlow): void {
    if (this.#pending.delete(flow)) flow.confirming = false;
  }
}
