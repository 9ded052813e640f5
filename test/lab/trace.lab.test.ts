// `trace` in the story's network: healthy it says so, broken it names the router, and its commands repeat it by hand.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { TargetView } from "../../src/view/target-view.ts";
import { dropForward } from "./faults.ts";
import { Lab } from "./lab.ts";
import { packageRoot, startService } from "./services.ts";
import { story, VIP } from "./topologies.ts";

const PORT = 3306;
/** A round, its confirmations and sweeps under stock ICMP limits, and room for a busy machine. */
const WITHIN_MS = 30_000;
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
  const trace = async (lab: Lab, ...flags: string[]) => {
    const began = performance.now();
    const command = [process.execPath, join(packageRoot(), "dist/cli.js"), "trace"];
    const started = lab.spawn("client", [...command, `${VIP}:${PORT}`, ...flags]);
    const code = await started.ended();
    const { stdout, stderr } = started;
    return { code, stdout, stderr, tookMs: performance.now() - began };
  };

  beforeAll(async () => {
    [healthy, broken] = await Promise.all([build(), build()]);
    await dropForward(broken, "r8");
    await broken.truth("r8").reset();
  });
  afterAll(() => Promise.all(labs.map((lab) => lab.destroy())));

  it("of a healthy network ends with 0 and prints table, topology, verdict and commands", async () => {
    const { code, stdout, stderr, tookMs } = await trace(healthy);
    expect(stderr).toBe("");
    expect(code, stdout).toBe(0);
    expect(stdout.match(/^ +\d+ +\d{5} {2}ok /gm)).toHaveLength(64);
    expect(stdout).toContain("Verdict: healthy\n");
    expect(stdout).toMatch(/\n {2}└─ 10\.0\.0\.1 {2}\d+ flows\n/);
    expect(stdout).toContain("By hand, from a source port that works\n");
    expect(stdout).not.toContain("that fails");
    expect(tookMs).toBeLessThan(WITHIN_MS);
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

  it("says in one sentence that it cannot run", async () => {
    const command = [process.execPath, join(packageRoot(), "dist/cli.js"), "trace"];
    const started = healthy.spawn("client", [...command, "no-such-name.invalid:80"]);
    expect(await started.ended()).toBe(1);
    expect(started.stdout).toBe("");
    expect(started.stderr).toMatch(/^ecmp-exporter: cannot resolve no-such-name\.invalid: .+\n$/);
  });
});
