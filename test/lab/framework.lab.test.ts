//                ┌─ r2 ─┐
//  client ── r1 ─┼─ r3 ─┼─ r6 ── vip (192.0.2.10)
//                ├─ r4 ─┤
//                └─ r5 ─┘
// The lab itself, without the exporter: what the other labs rely on.
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { type CapturedPacket, startCapture } from "./capture.ts";
import * as faults from "./faults.ts";
import { Lab } from "./lab.ts";
import { TCP_FLAGS, tcpPacket } from "./packets.ts";
import { pause, until } from "./processes.ts";
import { sendPackets, startService } from "./services.ts";
import { story, twoStage, VIP, VIP6 } from "./topologies.ts";

const PORT = 3306;
const PARALLEL = ["r2", "r3", "r4", "r5"] as const;
const BROKEN = "r4";
const BROKEN_INDEX = PARALLEL.indexOf(BROKEN);
const PORTS = Array.from({ length: 48 }, (_, index) => 61_000 + index);
const SYN_ACK = TCP_FLAGS.syn | TCP_FLAGS.ack;
/** Packets cross a lab in well under a millisecond; what has not come after this long does not come. */
const SETTLE_MS = 250;
const TIME_EXCEEDED = 11;

describe.skipIf(inject("labMissing") !== "")("the lab", () => {
  let lab: Lab;
  /** Ports that cross each parallel router, in the order of PARALLEL. */
  let crossing: Set<number>[] = [];
  let broken: Set<number> = new Set();
  const faultsNow: faults.Fault[] = [];

  /** Breaks something until healed, or until the end of the test. */
  const broke = async (fault: Promise<faults.Fault>) => {
    faultsNow.push(await fault);
  };
  const healAll = async () => {
    for (const fault of faultsNow.splice(0)) await fault.heal();
  };

  const send = (ports: readonly number[], ttl = 64) =>
    sendPackets(
      lab,
      "client",
      ports.map((sourcePort) =>
        tcpPacket({
          source: lab.address("client"),
          destination: VIP,
          sourcePort,
          destinationPort: PORT,
          ttl,
        }),
      ),
    );

  /** Sends one SYN of every port and says which parallel router each took. */
  const sortPorts = async (ports: readonly number[]) => {
    await Promise.all(PARALLEL.map((name) => lab.truth(name).reset()));
    await send(ports);
    return await until(
      async () => {
        const seen = await Promise.all(PARALLEL.map((name) => lab.truth(name).ports()));
        return seen.reduce((total, set) => total + set.size, 0) >= ports.length && seen;
      },
      { limitMs: 5000, what: "every SYN seen by a parallel router" },
    );
  };

  /** What comes back to the client after a SYN of every port. */
  const replies = async (ports: readonly number[], ttl = 64): Promise<CapturedPacket[]> => {
    const capture = await startCapture(lab, "client", "to-r1", "in");
    await send(ports, ttl);
    await pause(SETTLE_MS);
    return await capture.stop();
  };
  /** Ports of the SYN-ACKs; a server that lost the client's RST may still repeat those of earlier tests. */
  const synAcked = (packets: readonly CapturedPacket[], ports: readonly number[]) =>
    packets
      .filter((packet) => packet.flags === SYN_ACK && ports.includes(packet.destinationPort))
      .map((packet) => packet.destinationPort);
  const working = async () => new Set(synAcked(await replies(PORTS), PORTS));
  const allBut = (failing: ReadonlySet<number>) =>
    new Set(PORTS.filter((port) => !failing.has(port)));

  beforeAll(async () => {
    const start = performance.now();
    lab = await Lab.build(story(4, { hostAccess: ["client"] }));
    console.log(`a lab of 7 nodes stood after ${Math.round(performance.now() - start)} ms`);
    await startService(lab, "vip", "tcp", PORT);
    crossing = await sortPorts(PORTS);
    broken = crossing[BROKEN_INDEX] ?? new Set();
  });
  afterEach(healAll);
  afterAll(() => lab?.destroy());

  it("reaches the service from the client, and the client from the host", async () => {
    expect(await lab.exec("client", ["ping", "-c", "1", VIP])).toContain(" 0% packet loss");
    const server = ["-e", "require('http').createServer((q, s) => s.end('hello')).listen(8080)"];
    lab.spawn("client", [process.execPath, ...server]);
    const url = `http://${lab.hostAddress("client")}:8080/`;
    const text = await until(async () => (await fetch(url)).text(), { limitMs: 5000, what: url });
    expect(text).toBe("hello");
  });

  it("spreads flows over all parallel routers, each flow over one", async () => {
    const flat = crossing.flatMap((set) => [...set]);
    expect(flat.toSorted((a, b) => a - b)).toEqual(PORTS);
    // The hash is seeded, so this holds on every run or on none.
    for (const set of crossing) expect(set.size).toBeGreaterThan(3);
    expect(await sortPorts(PORTS)).toEqual(crossing);
  });

  it("sends a kernel socket and a raw probe of the same 5-tuple over the same router", async () => {
    // Ports of their own: a server that closed a connection answers the next SYN of that port with a bare ACK.
    const ports = PORTS.map((port) => port + 1000);
    const raw = await sortPorts(ports);
    await Promise.all(PARALLEL.map((name) => lab.truth(name).reset()));
    for (const port of ports) {
      await lab.exec("client", ["nc", "-n", "-z", "-w", "1", "-p", `${port}`, VIP, `${PORT}`]);
    }
    expect(await Promise.all(PARALLEL.map((name) => lab.truth(name).ports()))).toEqual(raw);
  });

  it("lets a router answer expired TTLs from its own address, six at once and one a second", async () => {
    const [port = 0] = PORTS;
    const answers = await replies(
      Array.from({ length: 30 }, () => port),
      1,
    );
    expect(new Set(answers.map((packet) => packet.source))).toEqual(new Set([lab.address("r1")]));
    expect(answers).toHaveLength(6);
    const capture = await startCapture(lab, "client", "to-r1", "in", "icmp");
    const start = performance.now();
    while (performance.now() - start < 3000) await send([port], 1);
    const slow = await capture.stop();
    expect(slow.length).toBeGreaterThanOrEqual(2);
    expect(slow.length).toBeLessThanOrEqual(4);
  });

  it("dropForward: flows of the router fail, and it still answers an expired TTL", async () => {
    await broke(faults.dropForward(lab, BROKEN));
    expect(await working()).toEqual(allBut(broken));
    const [hop] = await replies([...broken].slice(0, 1), 2);
    expect(hop).toMatchObject({ source: lab.answerAddress(BROKEN, "r1"), icmpType: TIME_EXCEEDED });
    await healAll();
    expect(await working()).toEqual(new Set(PORTS));
  });

  it("dropEarly: flows of the router fail, it is silent, and the truth set still fills", async () => {
    await broke(faults.dropEarly(lab, BROKEN));
    await lab.truth(BROKEN).reset();
    expect(await working()).toEqual(allBut(broken));
    expect(await lab.truth(BROKEN).ports()).toEqual(broken);
    expect(await replies([...broken], 2)).toEqual([]);
    await healAll();
    expect(await working()).toEqual(new Set(PORTS));
  });

  it("loss: a share of the router's packets is lost, and nobody else's", async () => {
    await broke(faults.loss(lab, BROKEN, 50));
    // A server rate-limits its answers to one port, so every packet has its own; ports that no other test uses.
    const ports = Array.from({ length: 800 }, (_, index) => 63_000 + index);
    await lab.truth(BROKEN).reset();
    const alive = new Set(synAcked(await replies(ports), ports));
    const crossed = await lab.truth(BROKEN).ports();
    const lost = ports.filter((port) => !alive.has(port));
    expect(lost.every((port) => crossed.has(port))).toBe(true);
    // Binomial at 0.5 of about 200: a quarter is seven standard deviations away.
    expect(lost.length).toBeGreaterThan(crossed.size / 4);
    expect(lost.length).toBeLessThan((crossed.size * 3) / 4);
  });

  it("lagMember: some flows of the router fail on every probe, others with the same hops live", async () => {
    await broke(faults.lagMember(lab, BROKEN, 2, 1));
    const first = await working();
    expect(await working()).toEqual(first);
    const dead = PORTS.filter((port) => !first.has(port));
    expect(dead.length).toBeGreaterThan(0);
    expect(dead.length).toBeLessThan(broken.size);
    expect(dead.every((port) => broken.has(port))).toBe(true);
  });

  /** The ICMP errors that a SYN from the port brings, which is sent again where the router's limit held them back. */
  const errorsFor = (port: number) =>
    until(
      async () => {
        // A server that was cut off before may repeat a SYN-ACK as well.
        const heard = (await replies([port])).filter(({ icmpType }) => icmpType !== undefined);
        return heard.length > 0 && heard;
      },
      { limitMs: 5000, what: "an answer despite the ICMP limit" },
    );

  it("reject: the router says that it prohibits", async () => {
    await broke(faults.reject(lab, BROKEN));
    const [port = 0] = broken;
    const answers = await errorsFor(port);
    await healAll();
    // Of each SYN that was sent, and nothing else.
    expect(new Set(answers.map(({ source, icmpType }) => `${source} ${icmpType}`))).toEqual(
      new Set([`${lab.address(BROKEN)} 3`]),
    );
  });

  it("loop: a packet's TTL expires between two routers", async () => {
    await broke(faults.loop(lab, "r1", BROKEN));
    const answers = await errorsFor(PORTS[0] ?? 0);
    await healAll();
    expect(answers[0]?.icmpType).toBe(TIME_EXCEEDED);
    expect([lab.address("r1"), lab.address(BROKEN)]).toContain(answers[0]?.source);
    expect(await sortPorts(PORTS)).toEqual(crossing);
  });

  it("dropReplies: requests arrive, some answers do not", async () => {
    await broke(faults.dropReplies(lab, BROKEN));
    const capture = await startCapture(lab, "vip", "to-r6", "in");
    // Ports of their own: the server keeps those half open that it cannot answer.
    const ports = PORTS.map((port) => port + 1500);
    const alive = synAcked(await replies(ports), ports);
    const arrived = (await capture.stop()).filter((packet) => packet.flags === TCP_FLAGS.syn);
    expect(new Set(arrived.map((packet) => packet.sourcePort))).toEqual(new Set(ports));
    expect(alive.length).toBeGreaterThan(ports.length / 3);
    expect(alive.length).toBeLessThan(ports.length);
  });

  it("blockOutput: the source cannot send", async () => {
    await broke(faults.blockOutput(lab, "client"));
    await expect(send(PORTS.slice(0, 1))).rejects.toThrow("Operation not permitted");
    await healAll();
    expect(await working()).toEqual(new Set(PORTS));
  });

  it("heals one of two faults and leaves the other", async () => {
    await broke(faults.dropForward(lab, BROKEN));
    const second = await faults.dropEarly(lab, "r2");
    const both = new Set([...broken, ...(crossing[0] ?? [])]);
    expect(await working()).toEqual(allBut(both));
    await second.heal();
    expect(await working()).toEqual(allBut(broken));
  });

  it("routes around a router taken out of service and back", async () => {
    await lab.reroute([BROKEN]);
    await lab.truth(BROKEN).reset();
    expect(await working()).toEqual(new Set(PORTS));
    expect(await lab.truth(BROKEN).ports()).toEqual(new Set());
    await lab.reroute();
    expect(await sortPorts(PORTS)).toEqual(crossing);
  });

  it("does the same in IPv6: one router a flow, whoever sends; ICMPv6 errors from one address, rate-limited", async () => {
    const six = await Lab.build(story(4, { family: 6 }));
    try {
      await startService(six, "vip", "tcp", PORT);
      const crossed = async (): Promise<number[][]> => {
        const sets = await Promise.all(PARALLEL.map((name) => six.truth(name).ports()));
        await Promise.all(PARALLEL.map((name) => six.truth(name).reset()));
        return sets.map((ports) => [...ports].sort((a, b) => a - b));
      };
      const ports = PORTS.slice(0, 24);
      const traced = (port: number) => {
        const options = ["-6", "-n", "-T", "-q", "1", "-N", "1", "-w", "0.2"];
        const flow = ["-f", "5", "-m", "5", "-p", `${PORT}`, `--sport=${port}`, VIP6];
        return six.exec("client", ["traceroute", ...options, ...flow]);
      };
      for (const port of ports) await traced(port);
      const raw = await crossed();
      expect(raw.flat().toSorted((a, b) => a - b)).toEqual(ports);
      for (const set of raw) expect(set.length).toBeGreaterThan(0);
      // The flow labels of kernel sockets are the kernel's own choice, and no part of the hash here.
      for (const port of ports) {
        const nc = ["nc", "-6", "-n", "-z", "-w", "1", "-p", `${port}`, VIP6, `${PORT}`];
        await six.exec("client", nc);
      }
      expect(await crossed()).toEqual(raw);
      const pings = ["ping", "-6", "-n", "-t", "1", "-c", "30", "-i", "0.01", "-W", "0.3", VIP6];
      const said = await six.exec("client", ["sh", "-c", `${pings.join(" ")} || true`]);
      const answers = said.split("\n").filter((line) => line.includes("Time exceeded"));
      expect(answers.every((line) => line.includes(`From ${six.address("r1")} `))).toBe(true);
      expect(answers.length).toBeGreaterThanOrEqual(6);
      expect(answers.length).toBeLessThanOrEqual(8);
    } finally {
      await six.destroy();
    }
  });

  it("chooses independently in each of two stages", async () => {
    const two = await Lab.build(twoStage(3, 4, { answersFrom: "interface" }));
    try {
      const packets = Array.from({ length: 128 }, (_, index) =>
        tcpPacket({
          source: two.address("client"),
          destination: VIP,
          sourcePort: 61_000 + index,
          destinationPort: 9,
        }),
      );
      await sendPackets(two, "client", packets);
      await pause(SETTLE_MS);
      const seen = (names: string[]) => Promise.all(names.map((name) => two.truth(name).ports()));
      const first = await seen(["a1", "a2", "a3"]);
      const second = await seen(["b1", "b2", "b3", "b4"]);
      const used = first.flatMap((a) => second.filter((b) => [...a].some((port) => b.has(port))));
      expect(used).toHaveLength(12);
      const traced = await two.exec("client", ["traceroute", "-n", "-q", "1", "-m", "3", VIP]);
      const facing = ["a1", "a2", "a3"].map((name) => two.answerAddress(name, "r1"));
      expect(facing.filter((address) => traced.includes(` ${address} `))).toHaveLength(1);
    } finally {
      await two.destroy();
    }
  });
});
