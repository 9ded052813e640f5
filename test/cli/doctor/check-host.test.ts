import { describe, expect, test } from "vitest";
import { findingLines } from "../../../src/cli/doctor/finding.ts";
import { diagnose } from "../../../src/cli/doctor.ts";
import { cleanHost, lookedAt } from "../../support/doctor-facts.ts";

/** What is not well. */
const wrong = (changes: Parameters<typeof cleanHost>[0]) =>
  diagnose(cleanHost(changes)).filter(({ level }) => level !== "ok");
const SIX = { to: "2001:db8::1", from: "2001:db8::2" };

describe("the doctor", () => {
  test("finds nothing on a clean host, and says of each thing that it looked", () => {
    const findings = diagnose(cleanHost());
    expect(findings.filter(({ level }) => level !== "ok")).toEqual([]);
    expect(findings.map(({ topic }) => topic)).toEqual([
      "privilege",
      "ring",
      "targets",
      "source ports",
      "routes",
      "rp_filter",
      "firewall",
      "local NAT",
      "flow labels",
      "time source",
    ]);
  });

  test("says how many targets it has left out, also where others could not be looked at", () => {
    const facts = cleanHost({ leftOut: 20, unresolved: [{ name: "a", error: "no such name" }] });
    const told = diagnose(facts).filter(({ topic }) => topic === "targets");
    expect(told.map(({ level }) => level)).toEqual(["error", "ok"]);
    expect(told[1]?.message).toContain("20 more were left out");
  });

  test("writes one line a finding, with the fix", () => {
    expect(
      findingLines([
        { level: "ok", topic: "ring", message: "There is one." },
        { level: "warning", topic: "time source", message: "It is slow.", fix: "wait." },
      ]),
    ).toEqual([
      "ok       ring         There is one.",
      "warning  time source  It is slow. Fix: wait.",
    ]);
  });

  test.each([
    [{ privilege: "no CAP_NET_RAW" }, "error", "privilege"],
    [{ ring: "koffi is missing" }, "warning", "ring"],
    [{ unresolved: [{ name: "a", error: "cannot resolve a" }] }, "error", "targets"],
    [{ ephemeralPorts: { first: 32_768, last: 61_000 } }, "warning", "source ports"],
    [{ portsInUse: [61_002, 61_003] }, "warning", "source ports"],
    [
      {
        interfaces: [
          { name: "eth0", rpFilter: 2 },
          { name: "eth1", rpFilter: 1 },
        ],
      },
      "warning",
      "rp_filter",
    ],
    [{ clockSource: "hpet" }, "warning", "time source"],
    [{ autoFlowLabels: 0, targets: [lookedAt(SIX)] }, "warning", "flow labels"],
    [
      { autoFlowLabels: 1, targets: [lookedAt({ ...SIX, flowLabel: 0 })] },
      "warning",
      "flow labels",
    ],
    [{ ruleset: { unread: "nft is not installed" } }, "warning", "firewall"],
  ] as const)("finds %j", (changes, level, topic) => {
    const findings = wrong(changes);
    expect(findings).toMatchObject([{ level, topic }]);
    expect(findings[0]?.fix).toBeTruthy();
  });

  test.each([
    ["one strict interface alone", { interfaces: [{ name: "eth0", rpFilter: 1 }] }],
    [
      "loose interfaces",
      {
        interfaces: [
          { name: "eth0", rpFilter: 2 },
          { name: "eth1", rpFilter: 0 },
        ],
      },
    ],
    ["labels like those of connections", { targets: [lookedAt(SIX)] }],
    ["no IPv6 at all", { autoFlowLabels: undefined }],
  ])("has nothing against %s", (_, changes) => {
    expect(wrong(changes)).toEqual([]);
  });
});
