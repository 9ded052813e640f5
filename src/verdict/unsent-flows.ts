import type { Outcome } from "../probe/outcome.ts";
import type { ProbedFlow } from "../probe/probed-flow.ts";

/** Probes that the kernel did not take count towards a source fault for this long. */
const FOR_MS = 30_000;
/** So many probes in a row over all flows are a fault. */
const ROW = 3;
/** So many flows none of whose probes are sent are a fault, though others work. */
const FLOWS = 3;

/** What the kernel says where another socket holds a port: this flow is not probed, and nothing is wrong with sending while others are. */
const PORT_HELD = "EADDRINUSE";

/** Probes of a flow that the kernel did not take, without one between that it took. */
interface Row {
  count: number;
  readonly since: number;
  at: number;
  code: string | undefined;
}

/** Which flows of a target this host does not send: a rule of its own firewall may refuse some ports and pass others. */
export class UnsentFlows {
  /** Undefined until there is one: of nearly all targets there never is, and every probe asks. */
  #rows: Map<ProbedFlow, Row> | undefined;
  /** Probes in a row over all flows that were not sent though no other socket holds their port, when the last was, and what the kernel said. */
  #inARow = 0;
  #lastCode: string | undefined;
  #at: number = Number.NEGATIVE_INFINITY;

  /** Whether every probe was sent as far as is remembered. */
  get isClear(): boolean {
    return this.#inARow === 0 && (this.#rows === undefined || this.#rows.size === 0);
  }

  /** A probe of the target ended. */
  outcome(flow: ProbedFlow, outcome: Outcome, now: number): void {
    if (outcome.kind !== "invalid") {
      this.#inARow = 0;
      this.#rows?.delete(flow);
      return;
    }
    if (outcome.reason !== "send_error") return;
    if (outcome.code !== PORT_HELD) {
      this.#inARow += 1;
      this.#at = now;
      this.#lastCode = outcome.code;
    }
    this.#rows ??= new Map();
    const row = this.#rows.get(flow);
    if (row === undefined) {
      this.#rows.set(flow, { count: 1, since: now, at: now, code: outcome.code });
      return;
    }
    row.count += 1;
    row.at = now;
    row.code = outcome.code;
  }

  /** What is wrong, as a sentence that says what to do; undefined for nothing. @param flows how many the target has */
  reason(flows: number, roundMs: number, now: number): string | undefined {
    if (this.#rows === undefined || this.#rows.size === 0) return undefined;
    const all = this.#lasting(this.#rows, roundMs, now);
    const rows = all.filter(({ code }) => code !== PORT_HELD);
    const held = all.length - rows.length;
    const codes = [...new Set(rows.flatMap(({ code }) => code ?? []))].sort();
    const told = codes.length === 0 ? "" : ` (${codes.join(", ")})`;
    if (rows.length >= FLOWS) {
      const look = codes.includes("EPERM")
        ? "look at the output rules of its firewall"
        : "look at its routes, interfaces and firewall";
      return `This host does not send the packets of ${rows.length} of ${flows} flows${told}, so nothing is known of these: ${look}.`;
    }
    if (held === flows) {
      return `Another program holds the source ports of all ${flows} flows (${PORT_HELD}), so nothing is known of these: choose other source_ports.`;
    }
    if (now - this.#at > FOR_MS || this.#inARow < ROW) return undefined;
    const said = this.#lastCode === undefined ? "" : ` (${this.#lastCode})`;
    return `The last ${this.#inARow} packets could not be sent from this host${said}: look at its routes, interfaces and firewall.`;
  }

  /** The rows of flows that have not been sent for more than a round; those of flows that are gone are forgotten. */
  #lasting(rows: Map<ProbedFlow, Row>, roundMs: number, now: number): Row[] {
    const lasting: Row[] = [];
    for (const [flow, row] of rows) {
      // A flow that is probed was probed twice within this time, also at a slower pace.
      if (!flow.active || now - row.at > Math.max(FOR_MS, 2 * roundMs)) rows.delete(flow);
      else if (row.count > 1 && now - row.since > roundMs) lasting.push(row);
    }
    return lasting;
  }
}
