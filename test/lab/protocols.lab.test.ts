//                ┌─ r2 ─┐
//  client ── r1 ─┼─ …  ─┼─ r10 ── vip (TCP and UDP port 3306, ICMP)
//                └─ r9 ─┘
// One target over every protocol, of both families and through both receivers: ping is one flow and stays green while
// TCP and UDP fail. And what the exporter puts on the wire for it.
import { describe, expect, inject, it } from "vitest";
import { flowLabelOf } from "../../src/flow/flow-label.ts";
import { dissect, tsharkIsMissing } from "../support/tshark.ts";
import { type CapturedPacket, startCapture } from "./capture.ts";
import { Daemon, NEVER } from "./daemon.ts";
import { dropForward } from "./faults.ts";
import { Lab } from "./lab.ts";
import { until } from "./processes.ts";
import { startService } from "./services.ts";
import { story, vipOf } from "./topologies.ts";
import { Watch } from "./watch.ts";

const PORT = 3306;
const BUCKETS = 32;
const INTERVAL_MS = 2000;
/** Ports of their own, so that the truth sets tell the protocols apart. */
const RANGES = { tcp: "61000-62999", udp: "63000-64999" } as const;
const PARALLEL = ["r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9"];
const PATIENCE_MS = 60_000;
const SYN = 2;
/** Severity of tshark's "warning" (epan/proto.h, PI_WARN). */
const WARNING = 0x600000;

interface TargetView {
  readonly verdict: string;
  readonly reproduce: { readonly failing: string[]; readonly working: string[] };
}

const CASES = [
  { family: 4, receiver: "auto", label: "port" },
  { family: 6, receiver: "auto", label: "port" },
  { family: 6, receiver: "raw", label: 0 },
] as const;

/** The fault, and everything seen of it. */
async function run({ family, receiver, label }: (typeof CASES)[number]): Promise<void> {
  const host = vipOf({ family });
  const lab = await Lab.build(story(8, { family, hostAccess: ["client"] }));
  try {
    await startService(lab, "vip", "tcp", PORT);
    await startService(lab, "vip", "udp", PORT);
    const capture = await startCapture(lab, "client", "to-r1", "out", `host ${host}`);
    const target = (name: "tcp" | "udp") => {
      return { name, host, port: PORT, protocol: name, source_ports: RANGES[name] };
    };
    const daemon = await Daemon.start(
      lab,
      "client",
      {
        probe: {
          interval: `${INTERVAL_MS}ms`,
          timeout: "1s",
          flow_buckets: BUCKETS,
          flow_label: label,
          rotation: NEVER,
        },
        trace: { survey: "*/15 * * * * *" },
        targets: [
          target("tcp"),
          target("udp"),
          { name: "ping", host, protocol: "icmp", flow_buckets: 1 },
        ],
      },
      [`--receiver=${receiver}`],
    );
    const [tcp, udp, ping] = ["tcp", "udp", "ping"].map((name) => new Watch(daemon, name));
    if (tcp === undefined || udp === undefined || ping === undefined) throw new Error("no watch");
    await tcp.allUp(BUCKETS, PATIENCE_MS);
    await udp.allUp(BUCKETS, PATIENCE_MS);
    await ping.allUp(1, PATIENCE_MS);

    const router = await unpinged(lab);
    await dropForward(lab, router);
    await lab.truth(router).reset();
    await tcp.probedAgain(2, PATIENCE_MS);
    const hop = lab.address(router);
    for (const [name, watch] of [
      ["tcp", tcp],
      ["udp", udp],
    ] as const) {
      await watch.until(`last hop ${hop} for what crosses ${router}`, PATIENCE_MS, async (rows) => {
        const failing = rows.filter((row) => !row.up);
        if (!failing.every((row) => row.lastHop === hop)) return false;
        const truth = portsWithin(await lab.truth(router).ports(), RANGES[name]);
        const ports = new Set(failing.map((row) => row.sourcePort));
        return truth.length > 0 && truth.length === ports.size && truth.every((p) => ports.has(p));
      });
    }
    const verdict = async (name: string) => (await daemon.target(name)) as TargetView;
    await until(async () => (await verdict("tcp")).verdict === "path_fault", {
      limitMs: PATIENCE_MS,
      what: "TCP's verdict is path_fault",
    });
    // Ping has been probed all the while.
    await ping.look();
    expect(ping.rows, ping.report()).toMatchObject([{ up: true, failures: 0, lastHop: host }]);
    expect(ping.rows[0]?.probes, ping.report()).toBeGreaterThan(3);
    expect((await verdict("ping")).verdict).not.toMatch(/fault|loss|down/);

    const { reproduce } = await verdict("tcp");
    expect(await daemon.stop()).toBe(0);
    judgeWire(await capture.stop(), family, label);
    await judgeCommands(lab, reproduce);
    // A SYN may just have been crossing; what nobody resets would stay for a minute.
    const halfOpen = () => lab.exec("vip", ["ss", "-Htn", "state", "syn-recv"]);
    await until(async () => (await halfOpen()) === "", { limitMs: 3000, what: "no half-open one" });
  } finally {
    await lab.destroy();
  }
}

/** A parallel router that carries TCP and UDP flows, and not the ping. */
async function unpinged(lab: Lab): Promise<string> {
  for (const name of PARALLEL) {
    const truth = lab.truth(name);
    const ports = await truth.ports();
    const both = [RANGES.tcp, RANGES.udp].every((range) => portsWithin(ports, range).length > 1);
    if (both && (await truth.identifiers()).size === 0) return name;
  }
  throw new Error("every router carries the ping");
}

function portsWithin(ports: ReadonlySet<number>, range: string): number[] {
  const [first = 0, last = 0] = range.split("-").map(Number);
  return [...ports].filter((port) => port >= first && port <= last);
}

/** What a person would type does what the exporter says: kernel sockets take the same paths. */
async function judgeCommands(lab: Lab, reproduce: TargetView["reproduce"]): Promise<void> {
  const ends = async (command: string | undefined): Promise<string> => {
    const [program = "", ...args] = (command ?? "").split(" ");
    return await lab.exec("client", [program, ...args]).then(
      () => "connects",
      () => "fails",
    );
  };
  expect(await ends(reproduce.working[0]), reproduce.working[0]).toBe("connects");
  expect(await ends(reproduce.failing[0]), reproduce.failing[0]).toBe("fails");
}

/** Every flow is one in all that routers hash, and tshark has nothing to say against any packet of it. */
function judgeWire(packets: readonly CapturedPacket[], family: 4 | 6, label: "port" | 0): void {
  const own = packets.filter(
    ({ protocol, flags, icmpType }) =>
      (protocol === "tcp" && flags === SYN) ||
      protocol === "udp" ||
      (protocol === "icmp" && (icmpType === 8 || icmpType === 128)),
  );
  const flows = new Map<string, CapturedPacket[]>();
  for (const packet of own) {
    const { protocol, sourcePort } = packet;
    const key = `${protocol} ${sourcePort}`;
    flows.set(key, [...(flows.get(key) ?? []), packet]);
  }
  expect(flows.size).toBe(2 * BUCKETS + 1);
  const ttls = new Set(own.map(({ ttl }) => ttl));
  for (const ttl of [1, 2, 3, 64]) expect(ttls).toContain(ttl);
  const header = family === 4 ? 20 : 40;
  for (const [key, sent] of flows) {
    expect(sent.length, key).toBeGreaterThan(3);
    expect(new Set(sent.map(({ sequence }) => sequence)).size, key).toBe(1);
    expect(new Set(sent.map(({ flowLabel }) => flowLabel)).size, key).toBe(1);
    const identifier = Buffer.from(sent[0]?.bytes ?? []).readUInt16BE(header + 4);
    const port = key.startsWith("icmp") ? identifier : (sent[0]?.sourcePort ?? 0);
    const wanted = family === 6 ? flowLabelOf(label, port) : 0;
    expect(sent[0]?.flowLabel, key).toBe(wanted);
    const checksumAt = { tcp: undefined, udp: 6, icmp: 2, other: undefined }[
      sent[0]?.protocol ?? "other"
    ];
    if (checksumAt === undefined) continue;
    const sums = sent.map(({ bytes }) => Buffer.from(bytes).readUInt16BE(header + checksumAt));
    expect(new Set(sums).size, key).toBe(1);
  }
  if (tsharkIsMissing()) return;
  const statuses = ["tcp", "udp", family === 4 ? "icmp" : "icmpv6"].map(
    (name) => `${name}.checksum.status`,
  );
  const fields = [...statuses, "_ws.malformed", "_ws.expert.severity", "_ws.expert.message"];
  // Told nothing of the port, tshark guesses: one keyed payload in 250 looks to it like broken RTCP.
  const dissections = dissect(
    own.map(({ bytes }) => bytes),
    fields,
    [`udp.port==${PORT},data`],
  );
  for (const dissected of dissections) {
    const severities = (dissected["_ws.expert.severity"] ?? "").split(";").map(Number);
    expect(Math.max(...severities), dissected["_ws.expert.message"]).toBeLessThan(WARNING);
    expect(dissected["_ws.malformed"]).toBe("");
    expect(statuses.map((name) => dissected[name]).filter((status) => status !== "")).toEqual([
      "1",
    ]);
  }
}

describe.skipIf(inject("labMissing") !== "").concurrent("one target over every protocol", () => {
  it.each(CASES)(
    "tells ping's path from those that fail, over IPv$family, receiver $receiver, flow label $label",
    run,
  );
});
