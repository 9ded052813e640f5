// Target files that come, change and go while the daemon runs, and names that do not resolve.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { until } from "../lab/processes.ts";
import { Exporter, type Listener, listenOn, probesOf, QUICK } from "./exporter.ts";

const SUCCESSFUL = "ecmp_exporter_config_last_reload_successful";

describe.skipIf(inject("labMissing") !== "")("target files", () => {
  let listeners: Listener[] = [];
  let exporter: Exporter | undefined;
  beforeAll(async () => {
    listeners = await Promise.all([1, 2, 3].map(() => listenOn()));
  });
  afterAll(() => Promise.all(listeners.map((listener) => listener.close())));
  afterEach(() => exporter?.stop());

  const endpoint = (index: number) => `127.0.0.1:${listeners[index]?.port}`;
  const group = (index: number, name: string, labels = {}) => [
    { targets: [endpoint(index)], labels: { __ecmp_name__: name, ...labels } },
  ];

  it("are read when they come, change and go, and disturb nobody else", async () => {
    const own = { name: "own", host: "127.0.0.1", port: listeners[0]?.port };
    const config = { probe: QUICK, targets: [own], target_files: ["*.json"] };
    exporter = await Exporter.start(config, [], { files: { "one.json": group(1, "one") } });
    const running = exporter;
    await running.until("both", (m) => probesOf(m, "own") > 0 && probesOf(m, "one") > 0);
    const ports = await running.ports("own");

    running.write("two.json", group(2, "two", { site: "fra1" }));
    const added = await running.until("the added", (m) => probesOf(m, "two") > 0);
    expect(added.series("ecmp_probes_total", { target: "two", site: "fra1" })).toHaveLength(8);

    running.write("two.json", group(2, "two", { site: "ams2" }));
    const changed = await running.until(
      "the changed",
      (m) => m.series("ecmp_probes_total", { site: "ams2" }).length > 0,
    );
    expect(changed.series("ecmp_probes_total", { site: "fra1" })).toEqual([]);

    running.write("one.json", '[{"targets": ["127.0.0.1:0"]}]');
    const broken = await running.until("the refusal", (m) => m.value(SUCCESSFUL) === 0);
    expect(broken.series("ecmp_probes_total", { target: "one" })).toHaveLength(8);
    expect(running.process.stderr).toMatch(/one\.json:1:/);
    const still = probesOf(broken, "one");
    await running.until("it goes on", (m) => probesOf(m, "one") > still + 8);

    rmSync(join(running.folder, "one.json"));
    const gone = await running.until(
      "the removed",
      (m) => m.series("ecmp_probes_total", { target: "one" }).length === 0,
    );
    expect(gone.value(SUCCESSFUL)).toBe(1);
    expect(await running.ports("own")).toEqual(ports);
    expect(probesOf(gone, "own")).toBeGreaterThan(probesOf(added, "own"));
  });

  it("that are good do not hide that the configuration was refused", async () => {
    const config = { probe: QUICK, target_files: ["*.json"] };
    exporter = await Exporter.start(config, [], { files: { "one.json": group(1, "one") } });
    const running = exporter;
    expect((await running.reload({ ...config, limits: { series: 1 } })).status).toBe(500);
    running.write("two.json", group(2, "two"));
    const after = await running.until("the added", (m) => probesOf(m, "two") > 0);
    expect(after.value(SUCCESSFUL)).toBe(0);
    expect((await running.reload(config)).status).toBe(200);
    expect((await running.metrics()).value(SUCCESSFUL)).toBe(1);
  });

  it("may be named by a reload, which then watches them", async () => {
    const targets = [{ name: "own", host: "127.0.0.1", port: listeners[0]?.port }];
    exporter = await Exporter.start({ probe: QUICK, targets });
    const running = exporter;
    running.write("one.json", group(1, "one"));
    await running.reload({ probe: QUICK, targets, target_files: ["*.json"] });
    await running.until("the first", (m) => probesOf(m, "one") > 0);
    running.write("two.json", group(2, "two"));
    await running.until("the second", (m) => probesOf(m, "two") > 0);
    await running.reload({ probe: QUICK, targets });
    const after = await running.metrics();
    expect(after.sum("ecmp_probes_total")).toBe(probesOf(after, "own"));
  });
});

describe.skipIf(inject("labMissing") !== "")("names", () => {
  let folder: string;
  let listener: Listener;
  let exporter: Exporter | undefined;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "ecl-names-"));
    listener = await listenOn("0.0.0.0");
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await listener.close();
  });
  afterEach(() => exporter?.stop());

  /** Written in place: the daemon sees this file as /etc/hosts. */
  const hosts = (names: Readonly<Record<string, string>>) =>
    writeFileSync(
      join(folder, "hosts"),
      Object.entries(names)
        .map(([name, address]) => `${address} ${name}\n`)
        .join(""),
    );
  const start = async (...targets: readonly unknown[]) => {
    // A name server that refuses at once: nothing leaves this host.
    writeFileSync(
      join(folder, "resolv.conf"),
      "nameserver 127.0.0.1\noptions attempts:1 timeout:1\n",
    );
    const script =
      'cd "$0"; for f in hosts resolv.conf; do mount --bind $f /etc/$f; done; exec "$@"';
    const wrapper = ["unshare", "--mount", "sh", "-ec", script, folder];
    exporter = await Exporter.start({ probe: QUICK, targets }, [], { wrapper });
    return exporter;
  };
  const named = (name: string, host: string, settings = {}) => ({
    name,
    host,
    port: listener.port,
    ...settings,
  });

  it("that do not resolve are their targets' own state, until they do", async () => {
    hosts({ "good.test": "127.0.0.2" });
    const targets = [named("lost", "lost.test"), named("good", "good.test")];
    const running = await start(...targets, named("plain", "127.0.0.1"));
    const metrics = await running.until(
      "the others are probed",
      (m) => probesOf(m, "good") > 8 && probesOf(m, "plain") > 8,
    );
    await until(async () => (await running.target("lost")).error?.startsWith("cannot resolve"), {
      limitMs: 10_000,
      what: "the error is shown",
    });
    const lost = await running.target("lost");
    expect(lost.error).toMatch(/^cannot resolve lost\.test: .+ \((ENOTFOUND|EAI_AGAIN)\)$/);
    expect([lost.verdict, lost.address, lost.flows]).toEqual(["indeterminate", null, []]);
    expect(lost.reason).toContain("cannot resolve lost.test");
    expect(metrics.value("ecmp_target_verdict", { target: "lost", verdict: "indeterminate" })).toBe(
      1,
    );
    const series = metrics.series("ecmp_probes_total", { target: "lost" });
    expect(series.map(({ value }) => value)).toEqual(new Array<number>(8).fill(0));

    hosts({ "good.test": "127.0.0.2", "lost.test": "127.0.0.3" });
    // A reload looks names up again at once.
    expect((await running.get("/-/reload", "POST")).status).toBe(200);
    await running.until("the lost one is probed", (m) => probesOf(m, "lost") > 0);
    const found = await running.target("lost");
    expect([found.error, found.address]).toEqual([null, "127.0.0.3"]);
  });

  it("of one address are probed once, the other says why and follows when the first is gone", async () => {
    hosts({ "one.test": "127.0.0.2", "two.test": "127.0.0.2" });
    const [one, two] = [named("one", "one.test"), named("two", "two.test")];
    const running = await start(one, two);
    const both = await running.until("one is probed", (m) => m.sum("ecmp_probes_total") > 8);
    const [first, second] = probesOf(both, "one") > 0 ? ["one", "two"] : ["two", "one"];
    expect(probesOf(both, second)).toBe(0);
    const duplicate = await running.target(second);
    expect(duplicate.error).toBe(
      `target "${first}" already probes 127.0.0.2 port ${listener.port}/tcp; remove one of the two, or give one source_ports of its own`,
    );
    expect([duplicate.verdict, duplicate.flows]).toEqual(["indeterminate", []]);
    await running.reload({ probe: QUICK, targets: [first === "one" ? two : one] });
    await running.until("the second is probed", (m) => probesOf(m, second) > 0);
    expect((await running.target(second)).error).toBeNull();
  });

  it("with several addresses become a target for each", async () => {
    writeFileSync(join(folder, "hosts"), "127.0.0.2 all.test\n127.0.0.3 all.test\n");
    const running = await start(named("all", "all.test", { resolve: "all", family: "ipv4" }));
    const addresses = ["127.0.0.2", "127.0.0.3"];
    await running.until("both are probed", (m) =>
      addresses.every((address) => probesOf(m, `all/${address}`) > 8),
    );
    for (const address of addresses) {
      expect((await running.target(`all/${address}`)).address).toBe(address);
    }
    expect((await running.metrics()).series("ecmp_probes_total", { target: "all" })).toEqual([]);
  });
});
