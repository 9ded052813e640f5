import { describe, expect, test } from "vitest";
import { CommonKnowledge } from "../../src/survey/common-knowledge.ts";
import { makeProbed } from "../support/probed-flow.ts";

const tcp = makeProbed({ protocol: "tcp" });
const udp = makeProbed({ protocol: "udp" });
const icmp = makeProbed({ protocol: "icmp" });

describe("CommonKnowledge", () => {
  test("is one for flows with ports, and another for ICMP, which routers hash by addresses", () => {
    const common = new CommonKnowledge();
    expect(common.of(udp)).toBe(common.of(tcp));
    expect(common.of(icmp)).not.toBe(common.of(tcp));
  });

  test("is asked anew when a target begins its second round, and only what that target shares", () => {
    const common = new CommonKnowledge();
    const [ports, addresses] = [common.of(tcp).hops, common.of(icmp).hops];
    for (const target of [tcp, udp, icmp]) common.begin(target);
    const before = [ports.revision, addresses.revision];
    common.begin(udp);
    expect(ports.revision).not.toBe(before[0]);
    expect(addresses.revision).toBe(before[1]);
  });
});
