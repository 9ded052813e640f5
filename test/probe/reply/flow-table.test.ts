import { describe, expect, test } from "vitest";
import type { Protocol } from "../../../src/flow/target.ts";
import { FlowKeyer } from "../../../src/probe/probe-id.ts";
import { ProbedFlow, type ProbedTarget } from "../../../src/probe/probed-flow.ts";
import { FlowTable } from "../../../src/probe/reply/flow-table.ts";
import { readReply } from "../../../src/probe/reply/reply.ts";
import { echoReply, tcpPacket, udpPacket } from "../../support/packet-builder.ts";
import { makeProbed } from "../../support/probed-flow.ts";
import { type Random, seeded } from "../../support/random.ts";
import { printedSeed } from "../../support/seed.ts";
import { ENDS } from "../../support/target.ts";

const keyer = new FlowKeyer(Buffer.alloc(32));

/** A 5-tuple as text, the naive map's key. */
function keyOf(flow: ProbedFlow): string {
  const { target, protocolNumber } = flow.target;
  const { source, address, port } = target;
  return [protocolNumber, source.text, flow.sourcePort, address.text, port].join(" ");
}

/** What comes back from the target to a flow. */
function answerTo(flow: ProbedFlow): Uint8Array {
  const { source, address, port, protocol } = flow.target.target;
  const ends = { from: address.text, to: source.text };
  const ports = { sourcePort: port, destinationPort: flow.sourcePort };
  if (protocol === "tcp") return tcpPacket({ ...ends, ...ports, flags: ["rst"] });
  if (protocol === "udp") return udpPacket({ ...ends, ...ports });
  return echoReply({ ...ends, identifier: flow.sourcePort, sequence: 1 });
}

function find(table: FlowTable, packet: Uint8Array): ProbedFlow | undefined {
  const bytes = Uint8Array.from([9, 9, ...packet]);
  const reply = readReply(bytes, 2, bytes.length);
  if (typeof reply === "string") throw new Error(reply);
  return table.find(bytes, reply);
}

const flow = (target: ProbedTarget, port: number) => new ProbedFlow(target, 0, port, keyer);

/** FNV-1a over a tuple's bytes: flows for which it is the same share the table's key. */
function fnv(bytes: readonly number[], start: number): number {
  return bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), start);
}

interface Ends {
  readonly to: string;
  readonly source: number;
  readonly port: number;
}

/** Pairs of random flows from one address that share a key: by the birthday paradox about 18 in 400,000 flows. */
function collidingFlows(random: Random): [Ends, Ends][] {
  const byKey = new Map<number, Ends>();
  const found: [Ends, Ends][] = [];
  for (let draw = 0; draw < 400_000; draw += 1) {
    const bytes = Array.from({ length: 3 }, () => random.between(1, 254));
    const source = random.between(1024, 65_535);
    const port = random.between(1, 65_535);
    const ports = [source, port].flatMap((number) => [number & 0xff, number >>> 8]);
    const key = fnv([10, ...bytes, ...ports], 6);
    const ends = { to: `10.${bytes.join(".")}`, source, port };
    const other = byKey.get(key);
    if (other !== undefined) found.push([other, ends]);
    byKey.set(key, ends);
  }
  return found;
}

describe("FlowTable", () => {
  test("finds random flows as a naive map does, through additions and removals", () => {
    const random = seeded(printedSeed("flow table"));
    const targets = Array.from({ length: 40 }, () =>
      makeProbed({
        protocol: random.pick<Protocol>(["tcp", "udp", "icmp"]),
        ...(random.chance(0.5)
          ? {
              to: `198.51.100.${random.between(1, 4)}`,
              from: `192.0.2.${random.between(1, 2)}`,
            }
          : {
              to: `2001:db8:2::${random.between(1, 4)}`,
              from: `2001:db8::${random.between(1, 2)}`,
            }),
      }),
    );
    const table = new FlowTable();
    const naive = new Map<string, ProbedFlow>();
    const all: ProbedFlow[] = [];
    for (let step = 0; step < 4000; step += 1) {
      const one = flow(random.pick(targets), random.between(61_000, 61_060));
      all.push(one);
      expect(table.add(one)).toBe(!naive.has(keyOf(one)));
      if (!naive.has(keyOf(one))) naive.set(keyOf(one), one);
      // Also flows that never got in, whose duplicate must stay.
      const gone = random.pick(all);
      if (random.chance(0.6)) {
        table.remove(gone);
        if (naive.get(keyOf(gone)) === gone) naive.delete(keyOf(gone));
      }
      const asked = random.pick(all);
      expect(find(table, answerTo(asked))).toBe(naive.get(keyOf(asked)));
      expect(table.size).toBe(naive.size);
    }
    for (const one of all) expect(find(table, answerTo(one))).toBe(naive.get(keyOf(one)));
  });

  test("tells flows with the same key apart exactly", () => {
    const pairs = collidingFlows(seeded(printedSeed("flow table keys")));
    expect(pairs.length).toBeGreaterThan(0);
    for (const pair of pairs.slice(0, 8)) {
      const table = new FlowTable();
      const [first, second] = pair.map(({ to, source, port }) =>
        flow(makeProbed({ to, port }), source),
      );
      if (first === undefined || second === undefined) throw new Error("no pair");
      expect(table.add(first)).toBe(true);
      expect(find(table, answerTo(second))).toBeUndefined();
      expect(table.add(second)).toBe(true);
      expect(find(table, answerTo(first))).toBe(first);
      expect(find(table, answerTo(second))).toBe(second);
      table.remove(first);
      expect(find(table, answerTo(first))).toBeUndefined();
      expect(find(table, answerTo(second))).toBe(second);
      expect(table.size).toBe(1);
    }
  });

  test("takes the unspecified address as one of ours that the receiver does not know", () => {
    const table = new FlowTable();
    const one = flow(makeProbed(ENDS[6]), 61_000);
    table.add(one);
    const back = { from: ENDS[6].to, sourcePort: 3306, destinationPort: 61_000 };
    const segment = (to: string) => tcpPacket({ ...back, to, flags: ["rst"] });
    expect(find(table, segment(ENDS[6].from))).toBe(one);
    expect(find(table, segment("::"))).toBe(one);
    expect(find(table, segment("2001:db8::3"))).toBeUndefined();
    expect(find(table, segment("::1"))).toBeUndefined();
    // IPv4 receivers always know it.
    table.add(flow(makeProbed(), 61_000));
    const v4 = { from: "198.51.100.2", sourcePort: 3306, destinationPort: 61_000 };
    expect(find(table, tcpPacket({ ...v4, to: "0.0.0.0", flags: ["rst"] }))).toBeUndefined();
  });

  test("knows the direction: a packet that looks like our own is of no flow", () => {
    const table = new FlowTable();
    const one = flow(makeProbed(), 61_000);
    table.add(one);
    const own = { sourcePort: 61_000, destinationPort: 3306 };
    const packet = tcpPacket({ from: "192.0.2.1", to: "198.51.100.2", ...own, flags: ["rst"] });
    expect(find(table, packet)).toBeUndefined();
  });

  test("removing a flow that is not in it is no error", () => {
    const table = new FlowTable();
    table.remove(flow(makeProbed(), 61_000));
    expect(table.size).toBe(0);
  });
});
