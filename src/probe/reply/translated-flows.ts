import { sameAddress } from "../../packet/address.ts";
import type { Quote } from "../../packet/quote.ts";
import type { ProbedFlow } from "../probed-flow.ts";
import { authenticatesQuote, proofOf, quotedProof } from "./quote-authentication.ts";

/**
 * The active flows by what a NAT leaves alone, for quotes whose 5-tuple is none that we sent: a router behind a
 * translation quotes the packet as it got it. A NAT that is asked for the way back restores what is quoted
 * (RFC 5508 section 4), so only translations without such a state are ever seen.
 */
export class TranslatedFlows {
  /** Nearly every proof is one flow's: a list for each of tens of thousands would weigh more than the map. */
  readonly #byProof: Map<number, ProbedFlow | ProbedFlow[]> = new Map();

  /** Adds an active flow. */
  add(flow: ProbedFlow): void {
    const proof = proofOf(flow);
    const known = this.#byProof.get(proof);
    if (known === undefined) this.#byProof.set(proof, flow);
    else if (Array.isArray(known)) known.push(flow);
    else this.#byProof.set(proof, [known, flow]);
  }

  /** Takes a flow out; one that is not in is no error. */
  remove(flow: ProbedFlow): void {
    const proof = proofOf(flow);
    const known = this.#byProof.get(proof);
    if (known === flow) this.#byProof.delete(proof);
    if (!Array.isArray(known)) return;
    const at = known.indexOf(flow);
    if (at >= 0) known.splice(at, 1);
    if (known.length === 0) this.#byProof.delete(proof);
  }

  /**
   * The one flow whose packet is quoted with other addresses or ports; undefined where there is none, or several. The 32
   * keyed bits of TCP suffice. The 16 of UDP and ICMP do not: there one end must be as it was sent, and whoever calls
   * compares the identification with that of a packet under way.
   */
  find(quote: Quote, bytes: Uint8Array): ProbedFlow | undefined {
    const proof = quotedProof(quote, bytes);
    const fitting = (proof === undefined ? [] : this.#of(proof)).filter(
      (flow) =>
        flow.target.protocolNumber === quote.ip.protocol &&
        flow.target.target.address.family === quote.ip.family &&
        authenticatesQuote(flow, quote, bytes) &&
        (flow.target.target.protocol === "tcp" || keepsAnEnd(flow, quote, bytes)),
    );
    return fitting.length === 1 ? fitting[0] : undefined;
  }

  #of(proof: number): readonly ProbedFlow[] {
    const known = this.#byProof.get(proof);
    if (known === undefined) return [];
    return Array.isArray(known) ? known : [known];
  }
}

function keepsAnEnd({ sourcePort, target }: ProbedFlow, quote: Quote, bytes: Uint8Array): boolean {
  const { source, address, port } = target.target;
  const { sourceOffset, destinationOffset } = quote.ip;
  return (
    (sameAddress(source, bytes, sourceOffset) && sourcePort === quote.sourcePort) ||
    (sameAddress(address, bytes, destinationOffset) && port === quote.destinationPort)
  );
}
