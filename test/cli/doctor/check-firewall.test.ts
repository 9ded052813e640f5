import { describe, expect, test } from "vitest";
import { checkFirewall } from "../../../src/cli/doctor/check-firewall.ts";
import { chain, cleanHost, lookedAt } from "../../support/doctor-facts.ts";

const match = (left: unknown, right: unknown, op = "==") => ({ match: { op, left, right } });
const payload = (protocol: string, field: string) => ({ payload: { protocol, field } });
const flags = payload("tcp", "flags");
const DROP = { drop: null };
const ACCEPT = { accept: null };

/** What is found wrong, as `level message`. */
function found(ruleset: ReturnType<typeof chain>, settings = {}): string[] {
  const findings = checkFirewall(
    cleanHost({ ruleset: { value: ruleset }, targets: [lookedAt(settings)] }),
  );
  return findings
    .filter(({ level }) => level !== "ok")
    .map(({ level, message }) => `${level} ${message.split(", so ")[0]}`);
}

describe("a firewall of this host", () => {
  test.each([
    ["by a mask", { "&": [flags, "rst"] }, "=="],
    ["by a flag", flags, "in"],
  ])("that drops resets is found, asked for %s", (_, left, op) => {
    expect(found(chain("output", [[match(left, "rst", op), DROP]]))).toEqual([
      "warning service: rule 1 of chain inet t output drops the kernel's resets",
    ]);
  });

  test("that drops probes is an error, be it by address, port or policy", () => {
    const network = { prefix: { addr: "192.0.2.0", len: 24 } };
    const sentence = "service: rule 1 of chain inet t output drops";
    for (const rule of [
      [match(payload("ip", "daddr"), network), DROP],
      [match(payload("tcp", "sport"), { range: [61_000, 65_535] }), { counter: {} }, DROP],
      [match(payload("th", "dport"), { set: [22, 3306] }), { reject: { type: "tcp reset" } }],
    ]) {
      expect(found(chain("output", [rule]))).toContain(`error ${sentence} probes`);
    }
    expect(found(chain("output", [], { policy: "drop" }))).toContain(
      "error service: the policy of chain inet t output drops probes",
    );
  });

  test("that drops routers' ICMP errors is found", () => {
    const rules = [
      [match({ ct: { key: "state" } }, ["established"], "in"), ACCEPT],
      [match({ meta: { key: "iifname" } }, "lo"), ACCEPT],
    ];
    expect(found(chain("input", rules, { policy: "drop" }))).toEqual([
      "warning service: the policy of chain inet t input drops routers' ICMP errors",
    ]);
    const related = match({ ct: { key: "state" } }, ["established", "related"], "in");
    expect(found(chain("input", [[related, ACCEPT]], { policy: "drop" }))).toEqual([]);
  });

  test("that drops probes by a comparison is found", () => {
    const sport = payload("tcp", "sport");
    const drops = "error service: rule 1 of chain inet t output drops probes";
    expect(found(chain("output", [[match(sport, 1024, ">"), DROP]]))).toContain(drops);
    expect(found(chain("output", [[match(sport, 65_535, "<="), DROP]]))).toContain(drops);
    expect(found(chain("output", [[match(sport, 1024, "<"), DROP]]))).toEqual([]);
    const address = match(payload("ip", "daddr"), "192.0.2.1", ">=");
    expect(found(chain("output", [[address, DROP]]))).toContain(
      "warning service: rule 1 of chain inet t output may drop probes",
    );
  });

  test("that picks flows by bits of their ports may drop probes", () => {
    for (const bit of [0, 1]) {
      const odd = match({ "&": [payload("tcp", "sport"), 1] }, bit);
      expect(found(chain("output", [[odd, DROP]]))).toContain(
        "warning service: rule 1 of chain inet t output may drop probes",
      );
    }
  });

  test("that may drop them, by what only the kernel knows, is told as such", () => {
    const blocked = match(payload("ip", "daddr"), "@blocked");
    expect(found(chain("output", [[blocked, DROP]]))).toContain(
      "warning service: rule 1 of chain inet t output may drop probes",
    );
    const xt = { xt: { type: "match", name: "tcp" } };
    expect(found(chain("output", [[xt, DROP]], {}))).not.toEqual([]);
  });

  test("is left in peace for rules about somebody else", () => {
    const rules = [
      [match(payload("ip", "daddr"), "198.51.100.1"), DROP],
      [match(payload("ip6", "daddr"), "2001:db8::1"), DROP],
      [match(payload("udp", "dport"), 53), DROP],
      [match(payload("tcp", "dport"), 3306, "!="), DROP],
      [match({ meta: { key: "oifname" } }, "wlan*"), DROP],
      [match({ ct: { key: "state" } }, "invalid", "in"), DROP],
      [ACCEPT],
      [DROP],
    ];
    expect(found(chain("output", rules))).toEqual([]);
  });

  test("is followed through chains that it jumps to", () => {
    const [base] = chain("output", [
      [{ jump: { target: "more" } }],
      [match(payload("tcp", "dport"), 3306), ACCEPT],
      [DROP],
    ]);
    const [other] = chain("more", [
      [match(payload("tcp", "dport"), 22), ACCEPT],
      [{ return: null }],
      [DROP],
    ]);
    if (base === undefined || other === undefined) throw new Error("there is no chain");
    const more = { ...other, hook: undefined };
    expect(found([base, more])).toEqual([]);
    expect(found([base, { ...more, rules: more.rules.slice(2) }])).not.toEqual([]);
  });

  test("that translates probes is found, and so is one that rewrites their source ports", () => {
    const dnat = [match(payload("tcp", "dport"), 3306), { dnat: { addr: "10.0.0.5" } }];
    expect(found(chain("output", [dnat], { type: "nat" }))).toEqual([
      "warning service: rule 1 of chain inet t output changes addresses or ports of probes",
    ]);
    expect(found(chain("postrouting", [[{ masquerade: null }]], { type: "nat" }))).toEqual([
      "warning service: rule 1 of chain inet t postrouting changes addresses or ports of probes",
    ]);
    expect(found(chain("output", [dnat], { type: "nat" }), { port: 80 })).toEqual([]);
  });

  test("asks ICMP targets for echo requests and replies", () => {
    const echo = [match(payload("icmp", "type"), "echo-request"), DROP];
    expect(found(chain("output", [echo]), { protocol: "icmp" })).toEqual([
      "error service: rule 1 of chain inet t output drops probes",
    ]);
    expect(found(chain("output", [echo]))).toEqual([]);
  });
});
