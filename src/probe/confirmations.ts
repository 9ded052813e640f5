import type { Outcome } from "./outcome.ts";
import type { ProbedFlow, ProbedTarget } from "./probed-flow.ts";
import { isRateLimited } from "./unreachable-pace.ts";

/** Probes that confirm a change. */
const CONFIRMATIONS = 3;
/** Between the end of a probe and the next: what comes a little late is still told from an answer to the next probe. */
const GAP_MS = 250;
/** So many timeouts where nothing in an answer says which probe it is to: a late one would be taken for the next probe's. */
const GAP_TIMEOUTS = 2;
/** A flow that fails now and then, and was not dead in between, is confirmed no more often, so that its extra probes stay few. */
const AGAIN_MS = 60_000;
/** A target gets as many confirmations as it gets probes, or one in this time where it gets fewer. */
const TARGET_GAP_MS = 500;
/** A target that limits the rate of its answers is probed at half of it; an eighth of it is for confirmations. */
const STEPS_OF_LIMITED = 4;
/** Where its probes are further apart than this a confirmation goes between them, so that the limit answers both. */
const WIDE_STEP_MS = 100;
/** A confirmation has ended this long before the flow's next probe is due. */
const MARGIN_MS = 100;
/** The flows of a target are looked at once in so long at least: one may have been given up. */
const LOOK_MS = 1000;

/** A confirmation under way. */
interface Pending {
  /** Probes still to be sent. */
  left: number;
  dueAt: number;
}

/** The confirmations of one target. */
interface OfTarget {
  readonly flows: Map<ProbedFlow, Pending>;
  /** Before that there is nothing to do, unless a probe of one of them ends. */
  lookAt: number;
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
 * Where the destination limits the rate of its answers, a flow is confirmed that fails for the second time in a row, with an eighth of what it
 * answers: one failure may be the limit's, where a trace or somebody else took the answer. Where answers are port-unreachables, which
 * hosts limit, silence is not confirmed: that would use up the answers to probes in their slots. What somebody else reports is: it takes none of these.
 */
export class Confirmations {
  /** By target, since each is looked at only when it may be sent the next: of a mass outage there are thousands of flows. */
  readonly #targets: Map<ProbedTarget, OfTarget> = new Map();
  /** When a target may be sent the next confirmation. */
  readonly #nextAt: WeakMap<ProbedTarget, number> = new WeakMap();

  /** The flow's probe was sent in its own slot. */
  slot(flow: ProbedFlow, now: number): void {
    flow.slotAt = now;
    if (flow.confirming) this.#end(flow);
  }

  /** A probe of the flow ended, in its slot or outside it. */
  ended(flow: ProbedFlow, outcome: Outcome, now: number): void {
    const before = flow.failures;
    if (outcome.kind !== "invalid") flow.failures = outcome.kind === "failed" ? before + 1 : 0;
    const own = flow.confirming ? this.#targets.get(flow.target) : undefined;
    const pending = own?.flows.get(flow);
    if (own !== undefined && pending !== undefined) {
      own.lookAt = now;
      if (pending.left === 0) this.#end(flow);
      else pending.dueAt = now + pauseOf(flow.target);
      return;
    }
    const isLimited = flow.target.rateLimit !== undefined;
    const isFirst = outcome.kind === "failed" && before === (isLimited ? 1 : 0);
    const began = isFirst && now - flow.confirmedAt >= AGAIN_MS;
    const revived = outcome.kind === "answered" && before > CONFIRMATIONS && !isLimited;
    const isReported = outcome.kind === "failed" && outcome.responder !== undefined;
    // What dies again after it was dead is no flow that loses a packet now and then.
    if (revived) flow.confirmedAt = Number.NEGATIVE_INFINITY;
    if (began || revived) this.#begin(flow, began, isReported, now);
  }

  /** The flow is in doubt for another reason than how its probe ended. */
  ask(flow: ProbedFlow, now: number): void {
    if (
      this.#targets.get(flow.target)?.flows.has(flow) !== true &&
      now - flow.confirmedAt >= AGAIN_MS
    )
      this.#begin(flow, true, false, now);
  }

  #begin(flow: ProbedFlow, began: boolean, isReported: boolean, now: number): void {
    const { target, rateLimit } = flow.target;
    if (!flow.active || rateLimit?.proven === false) return;
    if (isRateLimited(target) && !isReported) return;
    if (began) flow.confirmedAt = now;
    flow.confirming = true;
    const own = this.#targets.get(flow.target) ?? { flows: new Map(), lookAt: now };
    this.#targets.set(flow.target, own);
    own.flows.set(flow, { left: CONFIRMATIONS, dueAt: now + pauseOf(flow.target) });
    own.lookAt = now;
  }

  /**
   * Sends what is due.
   * @param send sends the flow's probe; false where the budget has nothing to spare now
   */
  turn(now: number, send: (flow: ProbedFlow) => boolean): void {
    for (const [target, own] of this.#targets) {
      if (own.lookAt <= now && !this.#serve(target, own, now, send)) return;
    }
  }

  /** Sends what is due of one target. @returns false where the budget has nothing to spare now */
  #serve(
    probed: ProbedTarget,
    own: OfTarget,
    now: number,
    send: (flow: ProbedFlow) => boolean,
  ): boolean {
    const { target, pacer } = probed;
    own.lookAt = now + LOOK_MS;
    for (const [flow, pending] of own.flows) {
      const endsAt = flow.slotAt + pacer.roundMs - target.timeoutMs - marginOf(probed);
      if (!flow.active || (!flow.inFlight && now > endsAt)) {
        this.#end(flow);
        continue;
      }
      if (flow.inFlight) continue;
      const at = pending.left === 0 ? endsAt : Math.max(pending.dueAt, this.#earliest(probed, now));
      if (pending.left === 0 || at > now) {
        own.lookAt = Math.min(own.lookAt, at, endsAt);
        continue;
      }
      // Before it is sent: one that the kernel does not take ends within the call.
      pending.left -= 1;
      if (!send(flow)) {
        pending.left += 1;
        own.lookAt = now;
        return false;
      }
      this.#nextAt.set(probed, now + gapOf(probed));
    }
    return true;
  }

  /** When the target may be sent the next one. */
  #earliest(probed: ProbedTarget, now: number): number {
    const { rateLimit, pacer } = probed;
    const isApart = rateLimit !== undefined && pacer.step > WIDE_STEP_MS;
    return Math.max(this.#nextAt.get(probed) ?? 0, isApart ? pacer.betweenSlots(now) : 0);
  }

  #end(flow: ProbedFlow): void {
    const own = this.#targets.get(flow.target);
    if (own?.flows.delete(flow) !== true) return;
    flow.confirming = false;
    if (own.flows.size === 0) this.#targets.delete(flow.target);
  }
}

/** Milliseconds between the end of a flow's probe and its next confirmation. */
function pauseOf({ target: { payload, timeoutMs } }: ProbedTarget): number {
  return payload?.kind === "hex" ? Math.max(GAP_MS, GAP_TIMEOUTS * timeoutMs) : GAP_MS;
}

/** Milliseconds between the end of a flow's confirmation and its next slot. */
function marginOf(probed: ProbedTarget): number {
  return probed.target.payload?.kind === "hex" ? pauseOf(probed) : MARGIN_MS;
}

/** Milliseconds between two confirmations of a target. */
function gapOf({ rateLimit, pacer: { step } }: ProbedTarget): number {
  return rateLimit === undefined ? Math.min(step, TARGET_GAP_MS) : STEPS_OF_LIMITED * step;
}
