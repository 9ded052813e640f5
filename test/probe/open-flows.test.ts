import { describe, expect, test } from "vitest";
import { OpenFlows } from "../../src/probe/open-flows.ts";
import { makeFlow } from "../support/probed-flow.ts";

/** A holder that writes down what it is asked for. */
function holder() {
  const calls: string[] = [];
  return {
    calls,
    hold: (source: { text: string }, port: number) =>
      void calls.push(`hold ${source.text} ${port}`),
    release: (source: { text: string }, port: number) =>
      void calls.push(`release ${source.text} ${port}`),
    ports: () => [],
    close: () => {},
  };
}

describe("flows that answers may come to", () => {
  test("have their ports held where a UDP service answers", () => {
    const held = holder();
    const flows = new OpenFlows(held);
    const flow = makeFlow({ protocol: "udp", payload: { kind: "ntp" } });
    flows.add(flow);
    flows.remove(flow);
    const { source } = flow.target.target;
    expect(held.calls).toEqual([
      `hold ${source.text} ${flow.sourcePort}`,
      `release ${source.text} ${flow.sourcePort}`,
    ]);
  });

  test("have them not held where an ICMP error is the answer, nor for TCP and ICMP", () => {
    const held = holder();
    const flows = new OpenFlows(held);
    for (const protocol of ["udp", "tcp", "icmp"] as const) flows.add(makeFlow({ protocol }));
    expect(held.calls).toEqual([]);
    expect(flows.table.size).toBe(3);
  });
});
