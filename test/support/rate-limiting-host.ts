import { refusedBy } from "./answers.ts";
import type { Answer } from "./memory-network.ts";
import type { SentPacket } from "./sent-packet.ts";

/**
 * A host without a UDP listener that answers by port-unreachable as Linux does: a bucket of `burst` tokens for each
 * asker, one more every second.
 */
export function rateLimitingHost(burst: number, rttMs: number): (sent: SentPacket) => Answer[] {
  let tokens = burst;
  let refilledAt = 0;
  return (sent) => {
    tokens = Math.min(burst, tokens + (sent.at - refilledAt) / 1000);
    refilledAt = sent.at;
    if (tokens < 1) return [];
    tokens -= 1;
    return [{ afterMs: rttMs, packet: refusedBy(sent.to, sent) }];
  };
}
