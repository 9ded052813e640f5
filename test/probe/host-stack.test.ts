import { describe, expect, test } from "vitest";
import { datagram, pong, synAck } from "../support/answers.ts";
import type { Behaviour } from "../support/memory-network.ts";
import { flowsOf, ProberRig } from "../support/prober-rig.ts";
import type { SentPacket } from "../support/sent-packet.ts";
import { ENDS, makeTarget } from "../support/target.ts";

const RTT_MS = 7;
/** Where a NAT of this host's own sends the packets. */
const BACKEND = { 4: "198.51.100.99", 6: "2001:db8:9::9" } as const;
const WAYS = {
  tcp: { settings: {}, answer: synAck },
  udp: {
    settings: { protocol: "udp", payload: { kind: "hex", bytes: "00ff", expect: "" } },
    answer: datagram,
  },
  icmp: { settings: { protocol: "icmp" }, answer: pong },
} as const;
const CASES = ([4, 6] as const).flatMap((family) =>
  (["tcp", "udp", "icmp"] as const).map((way) => ({ family, way })),
);

/** A rig with one target, which begins with the next turn. */
function rigFor({ family, way }: (typeof CASES)[number], behaviour: Behaviour): ProberRig {
  const rig = new ProberRig(behaviour);
  rig.add(makeTarget({ ...ENDS[family], ...WAYS[way].settings }));
  return rig;
}

/** The answer as it comes from where this host's NAT sent the packet. */
function fromBackend(sent: SentPacket, { family, way }: (typeof CASES)[number]): Uint8Array {
  const port = way === "icmp" ? 0 : 8306;
  return WAYS[way].answer({ ...sent, to: BACKEND[family], destinationPort: port });
}

describe.each(CASES)("answers of $way over IPv$family", (told) => {
  const { answer } = WAYS[told.way];

  test("count once where wire and stack show the same, which is looked at now and then", () => {
    const rig = rigFor(told, (sent) => [{ afterMs: RTT_MS, packet: answer(sent) }]);
    rig.run(17_000);
    expect(Object.keys(rig.tally())).toEqual(["answered"]);
    const looks = Array.from({ length: 3 }, () => [[ENDS[told.family].to], []]).flat();
    expect(rig.network.stack.watches).toEqual(looks);
  });

  test("that the stack takes at first, and then no more, are this host's fault soon", () => {
    let dropped = false;
    const rig = rigFor(told, (sent) => [
      { afterMs: RTT_MS, packet: answer(sent), ...(dropped && { stack: null }) },
    ]);
    rig.run(60_000);
    dropped = true;
    rig.run(8000);
    rig.outcomes.length = 0;
    const [target] = rig.prober.targets;
    if (target === undefined) throw new Error("no target");
    const reason = (): string | undefined =>
      rig.prober.hostFaults.reason(target, rig.clock.monotonic());
    expect(reason()).toMatch(/its own stack does not take them/);
    rig.run(20_000);
    expect(rig.tally()).toEqual({ "failed unfinished": rig.outcomes.length });
    dropped = false;
    rig.run(20_000);
    rig.outcomes.length = 0;
    rig.run(5000);
    expect(Object.keys(rig.tally())).toEqual(["answered"]);
    expect(reason()).toBe(undefined);
  });

  test("are those that the stack is handed, where a NAT of this host translates them", () => {
    const rig = rigFor(told, (sent) => [
      { afterMs: RTT_MS, packet: fromBackend(sent, told), stack: answer(sent) },
    ]);
    rig.run(20_000);
    expect(Object.keys(rig.tally())).toEqual(["answered"]);
    expect(rig.outcomes.length).toBeGreaterThan(150);
    // As long as that is so the stack is looked at.
    expect(rig.network.stack.watches).toEqual([[ENDS[told.family].to]]);
  });

  test("are none where the stack is not handed them, and that is this host's fault", () => {
    const rig = rigFor(told, (sent) => [{ afterMs: RTT_MS, packet: answer(sent), stack: null }]);
    rig.run(20_000);
    const [target] = rig.prober.targets;
    if (target === undefined) throw new Error("no target");
    // Those that were under way when the sockets were opened may have come before.
    expect(rig.tally()).toEqual({ "failed unfinished": rig.outcomes.length });
    const now = rig.clock.monotonic();
    expect(rig.prober.hostFaults.reason(target, now)).toMatch(/its own stack does not take them/);
    if (told.way === "tcp") expect(rig.network.resets.length).toBeGreaterThan(150);
  });
});

describe("looking at the stack", () => {
  test("begins again when a target falls silent, for a few seconds a minute", () => {
    let translated = false;
    const told = { family: 4, way: "tcp" } as const;
    const rig = rigFor(told, (sent) => {
      if (!translated) return [{ afterMs: RTT_MS, packet: synAck(sent) }];
      return [{ afterMs: RTT_MS, packet: fromBackend(sent, told), stack: synAck(sent) }];
    });
    rig.run(21_000);
    expect(rig.network.stack.watches.at(-1)).toEqual([]);
    translated = true;
    rig.run(5000);
    rig.outcomes.length = 0;
    rig.run(5000);
    expect(Object.keys(rig.tally())).toEqual(["answered"]);
  });

  test("at a silent target finds nothing", () => {
    const rig = rigFor({ family: 4, way: "tcp" }, () => []);
    rig.run(110_000);
    expect(Object.keys(rig.tally())).toEqual(["failed timeout"]);
    const counts = new Set(rig.network.stack.watches.map(({ length }) => length));
    expect(counts).toEqual(new Set([0, 1]));
  });

  test("does not call an answer untaken that the kernel may have dropped for want of room", () => {
    const rig = rigFor({ family: 4, way: "tcp" }, (sent) => {
      rig.network.stack.drops = 1;
      return [{ afterMs: RTT_MS, packet: synAck(sent), stack: null }];
    });
    rig.run(3000);
    expect(Object.keys(rig.tally())).toEqual(["answered"]);
  });

  test("that cannot be done is done without", () => {
    const rig = rigFor({ family: 4, way: "tcp" }, (sent) => [
      { afterMs: RTT_MS, packet: synAck(sent), stack: null },
    ]);
    rig.network.stack.works = false;
    rig.run(3000);
    expect(Object.keys(rig.tally())).toEqual(["answered"]);
    expect(rig.network.stack.watches.length).toBe(1);
    expect([...rig.prober.targets].flatMap(flowsOf).every(({ state }) => state === "up")).toBe(
      true,
    );
  });

  test("is tried again a minute after it could not be done", () => {
    const rig = rigFor({ family: 4, way: "tcp" }, (sent) => [
      { afterMs: RTT_MS, packet: synAck(sent), stack: null },
    ]);
    rig.network.stack.works = false;
    rig.run(3000);
    rig.network.stack.works = true;
    rig.network.behaviour = () => [];
    rig.run(50_000);
    expect(rig.network.stack.watches.length).toBe(1);
    rig.run(30_000);
    expect(rig.network.stack.watches.length).toBeGreaterThan(1);
  });
});
