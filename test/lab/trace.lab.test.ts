// `trace` in the story's network: healthy it says so, broken it names the router, and its commands repeat it by hand.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { TargetView } from "../../src/view/target-view.ts";
import { dropForward } from "./faults.ts";
import { Lab } from "./lab.ts";
import { until } from "./processes.ts";
import { packageRoot, startService } from "./services.ts";
import { story, VIP } from "./topologies.ts";

const PORT = 3306;
/** Three rounds and sweeps under stock ICMP limits: what somebody who waits for it is promised. */
const WITHIN_MS = 15_000;
/** Not as many hops and probes of each, and not as long a wait, as both traceroutes would take. */
const BRIEF = "-m 5 -q 1 -w 1";

describe.skipIf(inject("labMissing") !== "").concurrent("trace", () => {
  const labs: Lab[] = [];
  const build = async () => {
    const lab = await Lab.build(story(8));
    labs.push(lab);
    await startService(lab, "vip", "tcp", PORT);
    return lab;
  };
  let healthy: Lab;
  let broken: Lab;
  /** Broken as well: two traces of one network would share the ICMP errors that its routers allow. */
  let reported: Lab;
  let narrow: Lab;
  let wide: Lab;
  const trace = async (lab: Lab, ...flags: string[]) => {
    const began = performance.now();
    const command = [process.execPath, join(packageRoot(), "dist/cli.js"), "trace"];
    const started = lab.spawn("client", [...command, `${VIP}:${PORT}`, ...flags]);
    const code = await started.ended();
    const { stdout, stderr } = started;
    return { code, stdout, stderr, tookMs: performance.now() - began };
  };

  beforeAll(async () => {
    [healthy, broken, reported, narrow, wide] = await Promise.all([
      build(),
      build(),
      build(),
      build(),
      build(),
    ]);
    const failing = [broken, reported, narrow, wide];
    await Promise.all(failing.map((lab) => dropForward(lab, "r8")));
    await broken.truth("r8").reset();
  });
  afterAll(() => Promise.all(labs.map((lab) => lab.destroy())));

  it("of a healthy network ends with 0 and says so first, then counts, topology, flows and commands", async () => {
    const { code, stdout, stderr, tookMs } = await trace(healthy, "--all");
    expect(stderr).toBe("");
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/^192\.0\.2\.10:3306: healthy: /);
    expect(stdout).toContain("\n64 flows: 64 work, 0 fail. ");
    expect(stdout).toMatch(/\n {2}└─ 10\.0\.0\.1 {2}\d+ flows\n/);
    expect(stdout).toContain("\nFlows that work (64)\n");
    expect(stdout.match(/^ +\d+ +\d{5} +\d+\.\d\d ms /gm)).toHaveLength(64);
    expect(stdout).toContain("By hand, from a source port that works\n");
    expect(stdout).not.toContain("that fails");
    // A pipe gets neither colours nor progress.
    expect(stdout).not.toContain("\u001b");
    expect(tookMs).toBeLessThan(WITHIN_MS);
  });

  it("of a broken one prints a ticket with all that a network team asks for", async () => {
    const { code, stdout } = await trace(reported, "--ticket", "--source-ports=50000-50999");
    expect(code, stdout).toBe(3);
    const client = reported.address("client");
    for (const part of [
      /^Time \(UTC\): {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/m,
      /^Suspect: .*10\.0\.0\.8.* \(forward\), 100 % lost/m,
      new RegExp(
        `^ {2}tcp ${client}:50\\d{3} > ${VIP}:${PORT} {2}timeout, last hop 10\\.0\\.0\\.8`,
        "m",
      ),
      new RegExp(`^ {2}tcp ${client}:50\\d{3} > ${VIP}:${PORT}$`, "m"),
      /^Trace of a failing 5-tuple .*\n {3}1 {2}(?:10\.0\.0\.1|\*)\n {3}2 {2}10\.0\.0\.8\n {3}3 {2}no answer/m,
      /^Trace of a working 5-tuple .*\n {3}1 {2}10\.0\.0\.1\n {3}2 {2}\S+\n {3}3 {2}10\.0\.0\.10\n {3}4 {2}192\.0\.2\.10/m,
      /^Fails when run at the source:\n {2}nc /m,
      /^Works when run at the source:\n {2}nc /m,
      /do not test with ping alone/,
    ]) {
      expect(stdout).toMatch(part);
    }
  });

  it("of a broken one ends with 3, names flows and router, and its commands fail and work", async () => {
    const { code, stdout, tookMs } = await trace(broken, "--json");
    expect(code, stdout).toBe(3);
    expect(tookMs).toBeLessThan(WITHIN_MS);
    const view = JSON.parse(stdout) as TargetView;
    expect(view.verdict).toBe("path_fault");
    expect(view.suspects).toMatchObject([{ from: "10.0.0.8", segment: "forward" }]);
    const failing = view.flows.filter(({ state }) => state === "failing");
    const truth = [...(await broken.truth("r8").ports())];
    expect(failing.map((flow) => flow.source_port).sort()).toEqual(truth.sort());
    expect(new Set(failing.map((flow) => flow.last_hop))).toEqual(new Set(["10.0.0.8"]));

    const byHand = (commands: readonly string[], tool: string) => {
      const command = commands.find((line) => line.startsWith(`${tool} `)) ?? tool;
      return broken.exec("client", command.split(" "));
    };
    const { reproduce } = view;
    for (const tool of ["traceroute", "tcptraceroute"]) {
      // The first line names the destination; the hops follow.
      const hops = async (commands: readonly string[]) =>
        (await byHand([`${commands.find((line) => line.startsWith(`${tool} `))} ${BRIEF}`], tool))
          .split("\n")
          .slice(1)
          .join("\n");
      expect(await hops(reproduce.failing)).not.toContain(VIP);
      expect(await hops(reproduce.working)).toContain(VIP);
    }
    // Last: a connection that was made holds its port for a minute.
    await expect(byHand(reproduce.failing, "nc")).rejects.toThrow("ended with 1");
    await byHand(reproduce.working, "nc");
  });

  it.each([
    [80, "NO_COLOR=1", () => narrow],
    [200, "", () => wide],
  ])(
    "in tmux of %i columns, with %j, wraps nothing and clears its progress away",
    async (columns, env, labOf) => {
      const lab = labOf();
      const tmux = ["tmux", "-S", join(lab.temporaryDirectory(), "tmux"), "-f", "/dev/null"];
      const cli = join(packageRoot(), "dist/cli.js");
      const trace = `${env} ${process.execPath} ${cli} trace ${VIP}:${PORT}`;
      const command = `${trace}; echo "ended with $?"; sleep 60`;
      const size = ["-x", `${columns}`, "-y", "200"];
      await lab.exec("client", [...tmux, "new-session", "-d", ...size, command]);
      try {
        const pane = (...how: string[]) =>
          lab.exec("client", [...tmux, "capture-pane", "-p", ...how]);
        const progress = new Set<string>();
        await until(
          async () => {
            const shown = await pane();
            for (const [line] of shown.matchAll(/^\w+: \d+ of 64 flows answered, .* left$/gm)) {
              progress.add(line);
            }
            return shown.includes("ended with 3");
          },
          { limitMs: 2 * WITHIN_MS, what: "the trace ends with 3" },
        );
        expect(progress.size).toBeGreaterThan(5);
        for (const line of progress) expect(line.length).toBeLessThan(80);
        const shown = await pane();
        expect(shown).not.toMatch(/ left$/m);
        expect(shown).toMatch(/^192\.0\.2\.10:3306: path_fault: /);
        // Joined, the lines are fewer where one went on in the next.
        const lines = (text: string) => text.trimEnd().split("\n").length;
        expect(lines(await pane("-J")), shown).toBe(lines(shown));
        expect((await pane("-e")).includes("\u001b[1m")).toBe(env === "");
      } finally {
        await lab.exec("client", [...tmux, "kill-server"]);
      }
    },
  );

  it.each([
    [["nowhere.invalid:80"], 1, /^ecmp-exporter: cannot resolve nowhere\.invalid: .+\n$/],
    [["192.0.2.10"], 2, /^ecmp-exporter: "192\.0\.2\.10" needs a port: .+\n$/],
    [["a\u001b[2J:80"], 2, /^ecmp-exporter: "a\\u001b\[2J:80" .+\n$/],
    [[`${VIP}:80`, "--dot", "--ticket"], 2, /^ecmp-exporter: --ticket and --dot exclude .+\n$/],
    [
      [`${VIP}:80`, "--interval=1s"],
      2,
      /^ecmp-exporter: Unknown option '--interval'; see --help\n$/,
    ],
  ])("%j is refused in one sentence", async (args, expected, sentence) => {
    const command = [process.execPath, join(packageRoot(), "dist/cli.js"), "trace"];
    const started = healthy.spawn("client", [...command, ...args]);
    expect(await started.ended()).toBe(expected);
    expect(started.stdout).toBe("");
    expect(started.stderr).toMatch(sentence);
  });
});
