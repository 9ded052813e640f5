/** Linux sends one ICMP error a second to each asker (icmp_ratelimit); a little more allows for its clock ticks. */
const RATION_MS = 1100;
/** A host counts as one that answers by port-unreachable for this long after it last did. */
const REMEMBERED_MS = 120_000;

/**
 * A host that answers UDP probes by port-unreachable rations them: a stock Linux sends one a second to each asker. A
 * probe that was not answered because the ration was used up says nothing about the path, so this keeps, for one
 * destination address, when an answer could be expected. One a host, shared by all its targets.
 */
export class AnswerRation {
  /** When the last packet that got a port-unreachable was sent. */
  #grantedSentAt = Number.NEGATIVE_INFINITY;
  /** Probes were lost that the ration explains, so the host is asked no faster than it answers. */
  limited = false;

  /** A packet sent at `sentAt` was answered by a port-unreachable. */
  granted(sentAt: number): void {
    if (sentAt > this.#grantedSentAt) this.#grantedSentAt = sentAt;
  }

  /** Whether the host is known to answer in this rationed way. */
  isActive(now: number): boolean {
    return now - this.#grantedSentAt < REMEMBERED_MS;
  }

  /**
   * Whether silence on a probe is no proof of loss: an answer to another packet shortly before (or after) it was sent
   * may have used up the ration.
   */
  explains(sentAt: number): boolean {
    const distance = sentAt - this.#grantedSentAt;
    return Math.abs(distance) < RATION_MS;
  }

  /** The spacing of packets that such a host answers all of, milliseconds. */
  get spacingMs(): number {
    return RATION_MS;
  }
}
