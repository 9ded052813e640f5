import type { ProbedFlow, ProbedTarget } from "./probed-flow.ts";

/** A way of sending end-to-end probes and learning how they ended: raw packets, or connections of the kernel's own. */
export interface ProbeTransport {
  /** The target is probed from now on; before the first of its flows. */
  begin(target: ProbedTarget): void;
  /** The flow is probed from now on. */
  open(flow: ProbedFlow): void;
  /** The flow is probed no more; nothing is reported of it afterwards. */
  close(flow: ProbedFlow): void;
  /** Sends the flow's probe; its end is reported to the rounds, possibly before this returns. */
  send(flow: ProbedFlow): void;
}
