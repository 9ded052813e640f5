import { describe, expect, test } from "vitest";
import { ticketText } from "../../src/view/ticket.ts";
import { failingView, flowView } from "../support/flow-view.ts";
import { view } from "../support/trace-view.ts";

const NOW = Date.UTC(2026, 2, 4, 5, 6, 7);

describe("the ticket for a network team", () => {
  test("holds times in UTC, 5-tuples, last hop, suspect, loss, both traces, commands and what to look at", () => {
    const paths = view.paths.map((path) => ({ ...path, probes: 4 }));
    const [first, ...others] = paths;
    const lossy = first === undefined ? [] : [{ ...first, failures: 1 }, ...others];
    expect(ticketText({ ...view, paths: lossy }, NOW, NOW - 61_000)?.split("\n")).toEqual([
      "tcp to 192.0.2.10:3306: fails on some of several equal-cost paths",
      "",
      "Time (UTC):  2026-03-04 05:06:07",
      "Since (UTC): 2026-03-04 05:05:06, or earlier",
      "From:        198.51.100.1",
      "To:          tcp 192.0.2.10:3306 (192.0.2.10:3306)",
      "Verdict:     path_fault: 2 of 6 flows fail.",
      "Suspect:     what is behind 10.0.0.8 (forward), 100 % lost, confidence 98.7 %",
      "             every flow across 10.0.0.8 fails.",
      "Flows:       3 of 6 fail, 3 work",
      "Loss:        12.5 % of 8 probes on known paths, in five minutes",
      "             12.5 % of 40 across 10.0.0.1 to 10.0.0.10",
      "",
      "5-tuples that fail (3):",
      "  tcp 198.51.100.1:61003 > 192.0.2.10:3306  timeout, last hop 10.0.0.8",
      "  tcp 198.51.100.1:61004 > 192.0.2.10:3306  timeout, last hop unknown",
      "  tcp 198.51.100.1:61005 > 192.0.2.10:3306  refused, last hop 192.0.2.10",
      "",
      "5-tuples that work (3):",
      "  tcp 198.51.100.1:61000 > 192.0.2.10:3306",
      "  tcp 198.51.100.1:61001 > 192.0.2.10:3306",
      "  tcp 198.51.100.1:61002 > 192.0.2.10:3306",
      "",
      "Trace of a failing 5-tuple (source port 61003, by TTL):",
      "   1  10.0.0.1",
      "   2  10.0.0.8",
      "   3  no answer from here on",
      "",
      "Trace of a working 5-tuple (source port 61000, by TTL):",
      "   1  10.0.0.1",
      "   2  10.0.0.10",
      "   3  *",
      "   4  192.0.2.10",
      "",
      "Fails when run at the source:",
      "  nc -p 61003",
      "",
      "Works when run at the source:",
      "  nc -p 61000",
      "",
      "Packets of these 5-tuples die at or behind 10.0.0.8, others to the same address pass. Routers choose the",
      "path by a hash over the 5-tuple, so the same 5-tuple fails every time. Please look at what is specific to that next hop",
      "(FIB or hardware entry, optics, MTU, an access list on one line card), and do not test with ping alone: it is one flow.",
      "",
    ]);
  });

  test("asks for the way back where that is suspected, and for counters where a part is lost", () => {
    const [suspect] = view.suspects;
    const back = suspect && { ...suspect, segment: "return_or_endpoint" as const };
    expect(ticketText({ ...view, suspects: back === undefined ? [] : [back] }, NOW)).toContain(
      "Please look at the way back",
    );
    expect(ticketText({ ...view, verdict: "path_loss" }, NOW)).toContain(
      "Please look at the error and drop counters",
    );
    expect(ticketText({ ...view, verdict: "target_down", suspects: [] }, NOW)).toContain(
      "Every 5-tuple fails",
    );
  });

  test("has a trace only of a flow that was traced, and says where one got through or met nobody", () => {
    const traceOf = (seen: (string | null)[], last_hop: string): string => {
      const failing = { ...failingView(3, seen), last_hop };
      const text = ticketText({ ...view, flows: [flowView(0), failing] }, NOW) ?? "";
      return /Trace of a failing 5-tuple.*:\n((?:.+\n)+)/.exec(text)?.[1] ?? "no trace\n";
    };
    expect(traceOf([], "unknown")).toBe("no trace\n");
    expect(traceOf([null], "none")).toBe("   1  no answer from here on\n");
    expect(traceOf(["10.0.0.1"], "192.0.2.10")).toBe(
      "   1  10.0.0.1\n   2  the target answered: what is lost comes and goes\n",
    );
  });

  test("is not written where nothing fails", () => {
    expect(ticketText({ ...view, flows: [flowView(0)], suspects: [] }, NOW)).toBeUndefined();
  });

  test("cuts long lists of flows", () => {
    const flows = [...view.flows.slice(3), ...Array.from({ length: 60 }, (_, at) => flowView(at))];
    expect(ticketText({ ...view, flows }, NOW)).toContain("  and 52 more\n");
  });
});
