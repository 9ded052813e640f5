import { describe, expect, test } from "vitest";
import { counterIn, HostFaults, type ReversePathFilter } from "../../src/probe/host-faults.ts";
import { makeProbed } from "../support/probed-flow.ts";

/** A kernel whose reverse-path filter drops when told to. */
function kernel(): ReversePathFilter & { drops: number | undefined; strict: string[] } {
  return {
    drops: 5,
    strict: [],
    dropped() {
      return this.drops;
    },
    strictOn() {
      return this.strict;
    },
  };
}

describe("what this host does to answers", () => {
  test("is nothing as long as it takes them, and one that is missing proves nothing", () => {
    const faults = new HostFaults(kernel());
    const target = makeProbed();
    expect(faults.reason(target, 0)).toBeUndefined();
    faults.untaken(target, 0);
    expect(faults.reason(target, 10)).toBeUndefined();
  });

  test("names rp_filter, and where it is strict, where the kernel counts its drops meanwhile", () => {
    const counting = kernel();
    counting.strict = ["eth1"];
    const faults = new HostFaults(counting);
    const target = makeProbed();
    faults.untaken(target, 0);
    counting.drops = 6;
    faults.untaken(target, 1000);
    expect(faults.reason(target, 1000)).toMatch(/rp_filter drops them.*strict on eth1/);
  });

  test.each([5, undefined])("names the firewall where rp_filter drops nothing (%s)", (drops) => {
    const counting = kernel();
    counting.drops = drops;
    const faults = new HostFaults(counting);
    const target = makeProbed();
    faults.untaken(target, 0);
    faults.untaken(target, 1000);
    expect(faults.reason(target, 1000)).toMatch(/input rules of its firewall/);
  });

  test("is that resets are not let out, where a firewall refuses them again and again", () => {
    const faults = new HostFaults(kernel());
    const target = makeProbed();
    faults.resetRefused(target, "EPERM", 0);
    expect(faults.reason(target, 0)).toBeUndefined();
    faults.resetRefused(target, "ENOBUFS", 500);
    expect(faults.reason(target, 500)).toBeUndefined();
    faults.resetRefused(target, "EPERM", 1000);
    expect(faults.reason(target, 1000)).toMatch(/resets.*EPERM.*output rules of its firewall/);
    expect(faults.reason(makeProbed(), 1000)).toBeUndefined();
    expect(faults.reason(target, 11_001)).toBeUndefined();
  });

  test("is of one target, and over when nothing has shown it for a round and a half, and ten seconds", () => {
    const faults = new HostFaults(kernel());
    const seldom = makeProbed({ intervalMs: 20_000 });
    faults.untaken(seldom, 0);
    faults.untaken(seldom, 1000);
    expect(faults.reason(seldom, 31_750)).toBeDefined();
    expect(faults.reason(seldom, 31_751)).toBeUndefined();
    const target = makeProbed();
    faults.untaken(target, 0);
    faults.untaken(target, 1000);
    expect(faults.reason(makeProbed(), 1000)).toBeUndefined();
    expect(faults.reason(target, 11_000)).toBeDefined();
    expect(faults.reason(target, 11_001)).toBeUndefined();
    faults.untaken(target, 60_000);
    expect(faults.reason(target, 60_000)).toBeUndefined();
  });
});

describe("a counter of the kernel's tables", () => {
  const TEXT =
    "TcpExt: SyncookiesSent IPReversePathFilter\nTcpExt: 7 42\nIpExt: InOctets\nIpExt: 99\n";

  test("is read by the name of its column", () => {
    expect(counterIn(TEXT, "TcpExt", "IPReversePathFilter")).toBe(42);
    expect(counterIn(TEXT, "IpExt", "InOctets")).toBe(99);
  });

  test("that is not there is undefined", () => {
    expect(counterIn(TEXT, "TcpExt", "Unheard")).toBeUndefined();
    expect(counterIn("", "TcpExt", "IPReversePathFilter")).toBeUndefined();
  });
});
