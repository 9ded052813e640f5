import type { Quote } from "../packet/quote.ts";
import type { PortHolder } from "../wire/wire.ts";
import type { ProbedFlow } from "./probed-flow.ts";
import { FlowTable } from "./reply/flow-table.ts";
import { TranslatedFlows } from "./reply/translated-flows.ts";

/** The flows that answers may come to: by their 5-tuple, by what a NAT leaves alone, and with their ports held. */
export class OpenFlows {
  /** By what answers carry. */
  readonly table: FlowTable = new FlowTable();
  readonly #translated: TranslatedFlows = new TranslatedFlows();
  readonly #heldPorts: PortHolder | undefined;

  /** @param heldPorts undefined where ports cannot be held */
  constructor(heldPorts: PortHolder | undefined) {
    this.#heldPorts = heldPorts;
  }

  /** Answers may come to the flow from now on. */
  add(flow: ProbedFlow): void {
    this.table.add(flow);
    this.#translated.add(flow);
    if (isAnsweredByUdp(flow)) this.#heldPorts?.hold(flow.target.target.source, flow.sourcePort);
  }

  /** None may any more. */
  remove(flow: ProbedFlow): void {
    this.table.remove(flow);
    this.#translated.remove(flow);
    if (isAnsweredByUdp(flow)) this.#heldPorts?.release(flow.target.target.source, flow.sourcePort);
  }

  /** The flow whose packet is quoted with other addresses or ports; see {@link TranslatedFlows.find}. */
  translated(quote: Quote, bytes: Uint8Array): ProbedFlow | undefined {
    return this.#translated.find(quote, bytes);
  }
}

/** Whether datagrams come to the flow's port. */
function isAnsweredByUdp({ target: { target } }: ProbedFlow): boolean {
  return target.protocol === "udp" && target.payload !== undefined;
}
