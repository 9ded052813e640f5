import { describe, expect, test } from "vitest";
import { Networks } from "../../src/config/networks.ts";
import { StampPayload } from "../../src/packet/payload/stamp.ts";
import { Reflection } from "../../src/reflector/reflection.ts";
import { FakeClock } from "../support/fake-clock.ts";

const FROM = { address: "192.0.2.7", port: 61_000, family: "IPv4", localPort: 862 } as const;
const digest = Uint8Array.from({ length: 12 }, (_, i) => 7 * i);

class Rig {
  readonly clock = new FakeClock();
  readonly reflection: Reflection;

  constructor(limits: { packetsPerSecond?: number; sessions?: number } = {}) {
    const networks = new Networks(["192.0.2.0/24", "2001:db8::/32"]);
    this.reflection = new Reflection(this.clock, { networks, packetsPerSecond: 100, ...limits });
  }

  /** A probe of a payload, as it leaves. */
  probe(payload: StampPayload, endToEnd = true): Uint8Array {
    const packet = payload.bytes.slice();
    payload.stamp(packet, 0, { identification: 600, endToEnd, wallMs: this.clock.wall() });
    return packet;
  }

  refusals(): Record<string, number> {
    const counts = [...this.reflection.counters.refused].filter(([, count]) => count > 0);
    return Object.fromEntries(counts);
  }
}

const payloadOf = (sender = { id: 5, sent: 0 }): StampPayload => new StampPayload(sender, digest);

describe("a reflector", () => {
  test("answers so that the sender knows its own, and counts by flow and by sender", () => {
    const rig = new Rig();
    const sender = { id: 5, sent: 0 };
    const flows = [payloadOf(sender), payloadOf(sender)];
    for (const round of [1, 2]) {
      for (const [index, flow] of flows.entries()) {
        const packet = rig.probe(flow);
        expect(rig.reflection.answer(packet, { ...FROM, port: 61_000 + index })).toBe(true);
        expect(flow.read(packet, 0, packet.length)).toEqual({
          identification: 600,
          own: { epoch: 0, sent: round, received: round - 1, answered: round - 1 },
          shared: {
            epoch: 0,
            sent: 2 * round - 1 + index,
            received: 2 * round - 1 + index,
            answered: 2 * round - 1 + index,
          },
        });
      }
    }
    expect(rig.reflection.sessions).toBe(2);
    expect(rig.reflection.counters).toMatchObject({ received: 4, answered: 4 });
  });

  test("counts sweeps apart, so that those that die on the way confuse nothing", () => {
    const rig = new Rig();
    const flow = payloadOf();
    const sweep = rig.probe(flow, false);
    expect(rig.reflection.answer(sweep, FROM)).toBe(true);
    expect(flow.read(sweep, 0, sweep.length)).toEqual({ identification: 600 });
    const probe = rig.probe(flow);
    rig.reflection.answer(probe, FROM);
    expect(flow.read(probe, 0, probe.length)?.shared).toMatchObject({ sent: 1, received: 1 });
  });

  test("keeps the counts of senders at one address apart by their numbers", () => {
    const rig = new Rig();
    const flows = [payloadOf({ id: 5, sent: 0 }), payloadOf({ id: 6, sent: 0 })];
    for (const flow of flows) {
      const packet = rig.probe(flow);
      rig.reflection.answer(packet, FROM);
      expect(flow.read(packet, 0, packet.length)?.shared?.received).toBe(1);
    }
  });

  test("answers nobody outside the allowed networks", () => {
    const rig = new Rig();
    const packet = rig.probe(payloadOf());
    const before = packet.slice();
    expect(rig.reflection.answer(packet, { ...FROM, address: "192.0.3.7" })).toBe(false);
    const v6 = { ...FROM, family: "IPv6" } as const;
    expect(rig.reflection.answer(packet, { ...v6, address: "2001:db9::1" })).toBe(false);
    expect(packet).toEqual(before);
    expect(rig.refusals()).toEqual({ source: 2 });
    expect(rig.reflection.answer(packet, { ...v6, address: "2001:db8::1" })).toBe(true);
  });

  test("answers nothing shorter than its own answer would be", () => {
    const rig = new Rig();
    expect(rig.reflection.answer(new Uint8Array(43), FROM)).toBe(false);
    expect(rig.reflection.answer(new Uint8Array(44), FROM)).toBe(true);
    expect(rig.refusals()).toEqual({ short: 1 });
  });

  test("answers no answer, and nothing from the port of a service: no two reflectors talk for ever", () => {
    const rig = new Rig();
    const packet = rig.probe(payloadOf());
    for (const port of [862, 53, 1023]) {
      expect(rig.reflection.answer(packet.slice(), { ...FROM, port })).toBe(false);
    }
    expect(
      rig.reflection.answer(packet.slice(), { ...FROM, port: 10_862, localPort: 10_862 }),
    ).toBe(false);
    expect(rig.reflection.answer(packet, FROM)).toBe(true);
    expect(rig.reflection.answer(packet, { ...FROM, port: 20_862 })).toBe(false);
    expect(rig.refusals()).toEqual({ loop: 5 });
  });

  test("answers one source no faster than allowed, and others all the same", () => {
    const rig = new Rig({ packetsPerSecond: 10 });
    const ask = (address: string = FROM.address) =>
      rig.reflection.answer(rig.probe(payloadOf()), { ...FROM, address });
    expect(Array.from({ length: 15 }, () => ask()).filter(Boolean)).toHaveLength(10);
    expect(ask("192.0.2.8")).toBe(true);
    rig.clock.advance(200);
    expect(Array.from({ length: 15 }, () => ask()).filter(Boolean)).toHaveLength(2);
    expect(rig.refusals()).toEqual({ rate: 18 });
  });

  test("says of requests past the rate that they were received and not answered", () => {
    const rig = new Rig({ packetsPerSecond: 2 });
    const flow = payloadOf();
    for (let i = 0; i < 5; i += 1) rig.reflection.answer(rig.probe(flow), FROM);
    rig.clock.advance(1000);
    const packet = rig.probe(flow);
    rig.reflection.answer(packet, FROM);
    expect(flow.read(packet, 0, packet.length)?.shared).toMatchObject({
      sent: 6,
      received: 6,
      answered: 3,
    });
  });

  test("forgets the sessions that were not used for longest", () => {
    const rig = new Rig({ sessions: 3 });
    const sequenceOf = (port: number) => {
      const packet = rig.probe(payloadOf());
      rig.reflection.answer(packet, { ...FROM, port });
      return new DataView(packet.buffer).getUint32(0);
    };
    expect([1, 2, 3, 1, 4, 1, 2].map((port) => sequenceOf(50_000 + port))).toEqual([
      0, 0, 0, 1, 0, 2, 0,
    ]);
    expect(rig.reflection.sessions).toBe(3);
  });
});

describe("networks of sources", () => {
  test.each([
    "192.0.2.0/33",
    "192.0.2/24",
    "2001:db8::/129",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    "all",
    "",
  ])("%j is none", (text) => {
    expect(() => new Networks([text])).toThrow(`"${text}" is not a valid network`);
  });

  test("hold their first and last address and no other", () => {
    const networks = new Networks(["192.0.2.128/25", "198.51.100.1"]);
    const held = ["192.0.2.128", "192.0.2.255", "198.51.100.1"];
    const others = ["192.0.2.127", "192.0.3.0", "198.51.100.2"];
    expect(held.every((address) => networks.holds(address))).toBe(true);
    expect(others.some((address) => networks.holds(address))).toBe(false);
  });
});
