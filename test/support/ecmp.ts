import { expiredAt } from "./answers.ts";
import type { Answer, Behaviour } from "./memory-network.ts";
import type { SentPacket } from "./sent-packet.ts";

/** Equal-cost paths in front of one destination. Settings may be changed while packets flow. */
export interface EcmpScript {
  /** The routers of each path, nearest first. */
  readonly paths: readonly (readonly string[])[];
  /** What the destination answers. */
  service: (sent: SentPacket) => readonly Uint8Array[];
  /** To the destination and back. */
  rttMs: number;
  /** Routers that forward nothing; they do answer an expired TTL. */
  readonly broken: Set<string>;
}

/** The path a flow takes: by the source port alone, which is all that differs between the flows of a target. */
export function pathOf(script: EcmpScript, sourcePort: number): readonly string[] {
  return script.paths[sourcePort % script.paths.length] ?? [];
}

/** A network of equal-cost paths as a behaviour of the in-memory network. */
export function ecmp(script: EcmpScript): Behaviour {
  return (sent): Answer[] => {
    const path = pathOf(script, sent.sourcePort);
    for (const [index, router] of path.entries()) {
      const afterMs = (script.rttMs * (index + 1)) / (path.length + 1);
      if (sent.ttl === index + 1) return [{ afterMs, packet: expiredAt(router, sent) }];
      if (script.broken.has(router)) return [];
    }
    return script.service(sent).map((packet) => ({ afterMs: script.rttMs, packet }));
  };
}
