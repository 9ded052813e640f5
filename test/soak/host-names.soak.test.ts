//  client (name server: dnsmasq) ── r1 ─┬─ r2 ─┬─ r4 ── vip (192.0.2.10:3306, TCP)
//                                       └─ r3 ─┘
// Faults of names: a resolver that is not there at the start, that goes, and a name that moves to another address. What is
// probed goes on; what cannot be is said once, in the API and in the log, and taken up again by itself.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Daemon, NEVER } from "../lab/daemon.ts";
import { Lab } from "../lab/lab.ts";
import { type LabProcess, until } from "../lab/processes.ts";
import { startService } from "../lab/services.ts";
import { story, VIP } from "../lab/topologies.ts";
import { serversAreMissing } from "../lab/udp-servers.ts";
import { Watch } from "../lab/watch.ts";

const BUCKETS = 8;
const NAME = "service.lab.example";
const MOVED = "192.0.2.11";
/** Names are asked for again every half minute. */
const ASKED_AGAIN_MS = 50_000;
const CONFIG = {
  probe: { interval: "1s", timeout: "300ms", flow_buckets: BUCKETS, rotation: NEVER },
  trace: { survey: NEVER },
  targets: [
    { name: "named", host: NAME, port: 3306, protocol: "tcp" },
    { name: "numbered", host: VIP, port: 3307, protocol: "tcp" },
  ],
};

describe.skipIf(inject("labMissing") !== "" || serversAreMissing())("names in trouble", () => {
  let lab: Lab;
  let daemon: Daemon;
  let server: LabProcess;
  beforeAll(async () => {
    lab = await Lab.build(story(2, { hostAccess: ["client"] }));
    await lab.batch("vip", [`addr add ${MOVED}/32 dev lo`]);
    await Promise.all([3306, 3307].map((port) => startService(lab, "vip", "tcp", port)));
    const moved = [process.execPath, join(import.meta.dirname, "programs/echo-server.mjs")];
    await lab.spawn("vip", [...moved, "tcp", "3306", MOVED]).said("listening");
    for (const router of ["client", "r1", "r2", "r3", "r4"]) await routeLike(lab, router);
    const resolver = join(lab.temporaryDirectory(), "resolv.conf");
    writeFileSync(resolver, "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
    const wrapper = ["sh", "-c", `mount --bind ${resolver} /etc/resolv.conf && exec "$@"`, "sh"];
    daemon = await Daemon.start(lab, "client", CONFIG, [], wrapper);
  });
  afterAll(async () => {
    await daemon?.stop();
    await lab?.destroy();
  });

  /** Starts the name server, which knows the name under this address. */
  async function serve(address: string): Promise<void> {
    const file = join(lab.temporaryDirectory(), "dnsmasq.conf");
    const lines = [
      "no-resolv",
      "no-hosts",
      "bind-interfaces",
      "user=root",
      "listen-address=127.0.0.1",
    ];
    writeFileSync(file, `${[...lines, `address=/${NAME}/${address}`].join("\n")}\n`);
    const flags = "--keep-in-foreground --log-facility=- --pid-file".split(" ");
    server = lab.spawn("client", ["dnsmasq", ...flags, `--conf-file=${file}`]);
    await server.said("started");
  }

  const told = async (name: string) =>
    (await daemon.target(name)) as {
      address: string | null;
      error?: string | null;
      verdict: string;
    };
  const probes = async (target: string) =>
    (await daemon.metrics()).sum("ecmp_probes_total", { target });
  const failures = async () => (await daemon.metrics()).sum("ecmp_probe_failures_total");

  it("there is no name server at the start: the name says so, the address is probed", async () => {
    await new Watch(daemon, "numbered").allUp(BUCKETS, 30_000);
    await daemon.process.said("cannot resolve");
    expect((await told("named")).error).toContain(`cannot resolve ${NAME}`);
    expect(daemon.process.stderr.split("target cannot be probed")).toHaveLength(2);
  });

  it("then there is one: the name is probed, by itself", async () => {
    await serve(VIP);
    await new Watch(daemon, "named").allUp(BUCKETS, ASKED_AGAIN_MS);
    expect(await told("named")).toMatchObject({ address: VIP });
  });

  it("it goes: the address that was known is probed on, and no probe fails", async () => {
    await server.stop("SIGKILL");
    await until(() => daemon.process.stderr.split("target cannot be probed").length === 3, {
      limitMs: ASKED_AGAIN_MS,
      what: "the log says that the name cannot be resolved",
    });
    const before = await probes("named");
    await until(async () => (await probes("named")) >= before + 2 * BUCKETS, {
      limitMs: 30_000,
      what: "probes go on",
    });
    expect(await told("named")).toMatchObject({ address: VIP, verdict: "healthy" });
    expect(await failures()).toBe(0);
  });

  it("the name has moved to another address when it is back: the flows go there, and no probe fails", async () => {
    await serve(MOVED);
    await until(async () => (await told("named")).address === MOVED, {
      limitMs: ASKED_AGAIN_MS,
      what: "the target has the new address",
    });
    await new Watch(daemon, "named").allUp(BUCKETS, 30_000);
    expect(daemon.process.stderr).toMatch(
      new RegExp(`target address changed.*target=named from=${VIP} to=${MOVED}`),
    );
    const info = (await daemon.metrics()).series("ecmp_target_info", { target: "named" });
    expect(info.map(({ labels }) => labels["address"])).toEqual([MOVED]);
    expect(await failures()).toBe(0);
  });
});

/** Gives a node the routes to the second address of the service that it has to the first. */
async function routeLike(lab: Lab, node: string): Promise<void> {
  const route = await lab.exec(node, ["ip", "route", "show", `${VIP}/32`]);
  const line = route.trim().replaceAll(/\s+/g, " ").replace(VIP, `${MOVED}/32`);
  await lab.batch(node, [`route add ${line}`]);
}
