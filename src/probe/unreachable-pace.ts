import type { ProbedFlow, ProbedTarget } from "./probed-flow.ts";
import { SlowedPace } from "./slowed-pace.ts";

/**
 * Spacing that a stock Linux router answers all of: it sends one ICMP error a second to each asker. Of ICMPv6 errors it
 * sends as many where its route to the asker is a single address, two to sixteen times as many where it is a prefix
 * (net.ipv6.icmp.ratelimit, halved for every 32 bits that the prefix leaves open), and newer kernels ten times as many.
 */
export const ICMP_LIMIT_MS = 1100;
/** The pace of a rate-limited address: slower than the rate limit by more than the loop's jitter, so that no probe spoils the next. */
const PACE_MS = ICMP_LIMIT_MS + 50;
/** Grants are kept for this long, to judge probes that were sent then and expire now. */
const KEPT_MS = 120_000;

/** A time in which every moment is less than {@link ICMP_LIMIT_MS} away from a packet that was granted an answer. */
interface Period {
  from: number;
  to: number;
}

/** Whether a target's probes are answered by port-unreachable; where a service answers, nothing is rate-limited. */
export function isRateLimited({ protocol, payload }: ProbedTarget["target"]): boolean {
  return protocol === "udp" && payload === undefined;
}

/**
 * Hosts that answer UDP probes by port-unreachable rate limit them: a stock Linux sends one a second to each asker. A
 * probe that was not answered because the rate limit was used up says nothing about its path, so this remembers, for each
 * destination address, when an answer could be expected, and slows its targets down to a pace that is answered.
 */
export class UnreachablePace {
  /** By address: around the sending times of the packets that got a port-unreachable. */
  readonly #spent: Map<string, Period[]> = new Map();
  readonly #slowed: SlowedPace<string> = new SlowedPace();

  /** Lets the targets of an address be probed at their own pace again, where a while at the slow one has passed. */
  turn(targets: Iterable<ProbedTarget>, now: number): void {
    const due = this.#slowed.takeDue(now);
    if (due.size === 0) return;
    for (const { target, pacer } of targets) {
      if (!isRateLimited(target) || !due.has(target.address.text)) continue;
      pacer.restoreStep(now);
    }
  }

  /** A packet of the flow, sent at `sentAt`, was answered by a port-unreachable of the target. */
  granted({ target }: ProbedFlow, sentAt: number): void {
    const address = target.target.address.text;
    const from = sentAt - ICMP_LIMIT_MS;
    const to = sentAt + ICMP_LIMIT_MS;
    const periods = (this.#spent.get(address) ?? []).filter((kept) => kept.to > from - KEPT_MS);
    // Overlapping periods are one, so that a host that answers everything fills no memory.
    const touched = periods.find((period) => from < period.to && to > period.from);
    if (touched === undefined) {
      periods.push({ from, to });
    } else {
      touched.from = Math.min(touched.from, from);
      touched.to = Math.max(touched.to, to);
    }
    this.#spent.set(address, periods);
  }

  /**
   * Whether silence on a flow's probe is no proof of loss: the answer to another packet sent shortly before (or after)
   * may have used up the rate limit. The targets at the address are then asked no faster than it answers, taking turns.
   */
  explains(flow: ProbedFlow, targets: Iterable<ProbedTarget>, now: number): boolean {
    const { target } = flow.target;
    if (!isRateLimited(target)) return false;
    const spent = this.#spent.get(target.address.text) ?? [];
    if (!spent.some(({ from, to }) => from < flow.sentAt && flow.sentAt < to)) return false;
    const sharing = [...targets].filter(
      (other) => isRateLimited(other.target) && other.target.address.text === target.address.text,
    );
    this.#slowed.slow(target.address.text, now);
    for (const [turn, { pacer }] of sharing.entries()) {
      pacer.setStep(Math.max(pacer.step, PACE_MS * sharing.length), now + PACE_MS * turn);
    }
    return true;
  }
}
