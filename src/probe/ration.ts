import type { ProbedFlow, ProbedTarget } from "./probed-flow.ts";

/** Linux sends one ICMP error a second to each asker (icmp_ratelimit); a little more allows for its clock ticks. */
const RATION_MS = 1100;
/** A host counts as one that answers by port-unreachable for this long after it last did. */
const REMEMBERED_MS = 120_000;

/**
 * Hosts that answer UDP probes by port-unreachable ration them: a stock Linux sends one a second to each asker. A
 * probe that was not answered because the ration was used up says nothing about its path, so this remembers, for each
 * destination address, when an answer could be expected, and slows its targets down to a pace that is answered.
 */
export class Rations {
  /** By address: when the last packet that got a port-unreachable was sent. */
  readonly #grantedSentAt: Map<string, number> = new Map();

  /** A packet of the flow, sent at `sentAt`, was answered by a port-unreachable of the target. */
  granted({ target }: ProbedFlow, sentAt: number): void {
    const address = target.target.address.text;
    const before = this.#grantedSentAt.get(address) ?? Number.NEGATIVE_INFINITY;
    if (sentAt > before) this.#grantedSentAt.set(address, sentAt);
  }

  /**
   * Whether silence on a flow's probe is no proof of loss: the answer to another packet sent shortly before (or after)
   * may have used up the ration. The targets at the address are then asked no faster than it answers, taking turns.
   */
  explains(flow: ProbedFlow, targets: Iterable<ProbedTarget>, now: number): boolean {
    const { target } = flow.target;
    const granted = this.#grantedSentAt.get(target.address.text);
    if (target.protocol !== "udp" || granted === undefined) return false;
    if (now - granted > REMEMBERED_MS || Math.abs(flow.sentAt - granted) >= RATION_MS) return false;
    const sharing = [...targets].filter(
      (other) =>
        other.target.protocol === "udp" && other.target.address.text === target.address.text,
    );
    for (const { pacer } of sharing) {
      pacer.setStep(Math.max(pacer.step, RATION_MS * sharing.length), now);
    }
    return true;
  }
}
