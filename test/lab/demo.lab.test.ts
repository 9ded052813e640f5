//                ┌─ r2 ─┐
//  client ── r1 ─┼─ …  ─┼─ r10 ── vip (192.0.2.10)
//                └─ r9 ─┘
// The demo as a whole: what it tells, that it is true, and that it leaves nothing behind.
import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { run } from "./command.ts";
import { scrape } from "./metrics.ts";
import { LabProcess, pause, until } from "./processes.ts";
import { packageRoot } from "./services.ts";

const SECONDS = 50;
/** Removing the demo's namespaces and interfaces; the kernel does it in the background. */
const CLEAN_WITHIN_MS = 10_000;

/** A demo that runs, marked so that everything it starts or writes is found. */
class Demo {
  readonly process: LabProcess;
  readonly #mark = `ECL_DEMO_MARK=${randomUUID()}`;
  readonly #directory = mkdtempSync(join(tmpdir(), "ecl-demo-"));
  readonly #pid: number;

  constructor(...args: string[]) {
    const [name = "", value] = this.#mark.split("=");
    const program = join(packageRoot(), "dist-lab/scripts/demo.js");
    this.process = new LabProcess([process.execPath, program, ...args], {
      ...process.env,
      TMPDIR: this.#directory,
      [name]: value,
    });
    this.#pid = this.process.pid;
  }

  /** Where the host reads the metrics, once the demo has said so. */
  async metricsUrl(): Promise<string> {
    await this.process.said("/metrics", 30_000);
    return /http:\/\/\S+\/metrics/.exec(this.process.stdout)?.[0] ?? "";
  }

  /** What Ctrl-C does on a terminal: a signal to the whole group. */
  interrupt(): void {
    process.kill(-this.#pid, "SIGINT");
  }

  /** What a terminal that is closed does: a hang-up to the whole group, and nowhere to write. */
  hangUp(): void {
    this.process.closeOutput();
    process.kill(-this.#pid, "SIGHUP");
  }

  /** Its namespaces, its interfaces on the host, processes it started and files it wrote. */
  async leftovers(hostAddress: string): Promise<string[]> {
    const namespaces = (await run("ip", ["netns", "list"])).split("\n");
    const addresses = (await run("ip", ["-o", "-4", "addr"])).split("\n");
    const network = hostAddress.replace(/\.\d+$/, ".");
    const slot = Number(/\d+$/.exec(hostAddress)?.[0]) - 1;
    return [
      ...namespaces.filter((line) => line.startsWith(`ecl-${this.#pid}-`)),
      ...addresses.filter((line) => line.includes(` ${network}${slot}/30 `)),
      ...processesWith(this.#mark),
      ...readdirSync(this.#directory),
    ];
  }

  /** Ends it if it still runs. */
  async end(): Promise<void> {
    await this.process.stop("SIGTERM");
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** Command lines of the processes that have this in their environment. */
function processesWith(variable: string): string[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
        if (!environment.includes(variable)) return [];
        return [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")}`];
      } catch {
        // It has ended since the directory was read.
        return [];
      }
    });
}

/** Waits until a demo has left nothing behind. */
async function cleanedUp(demo: Demo, url: string): Promise<void> {
  let left: string[] = [];
  const look = async () => {
    left = await demo.leftovers(new URL(url).hostname);
    return left.length === 0;
  };
  await until(look, {
    limitMs: CLEAN_WITHIN_MS,
    what: () => `everything is gone; left:\n${left.join("\n")}`,
  });
}

describe.skipIf(inject("labMissing") !== "")("the demo", () => {
  const demos: Demo[] = [];
  const start = (...args: string[]) => {
    const demo = new Demo(...args);
    demos.push(demo);
    return demo;
  };

  beforeAll(() => run("npm", ["--prefix", packageRoot(), "run", "--silent", "build:lab"]));
  afterAll(() => Promise.all(demos.map((demo) => demo.end())));

  it.concurrent("finds the broken router's flows, loses no ping, sees the recovery and ends by itself", async () => {
    const demo = start("--seconds", `${SECONDS}`);
    const url = await demo.metricsUrl();
    await demo.process.said("r8 drops", 30_000);
    const metrics = await scrape(url);
    expect(metrics.series("ecmp_flow_up", { target: "mysql-vip" })).toHaveLength(64);

    expect(await demo.process.ended()).toBe(0);
    const said = demo.process.stdout;
    expect(said).toMatch(
      /bucket \d+, source port \d+: failing, last responding hop 10\.0\.0\.8 \(r8\)/,
    );
    expect(said).toMatch(/source port \d+: up again/);
    expect(said).toMatch(
      /\n {2}[1-9]\d* of 64 flows failed; last responding hop: 10\.0\.0\.8 \(r8\)\n/,
    );
    expect(said).toContain("the flows it was handed: exactly these\n");
    expect(said).toMatch(/ping across r[2-79]: (\d+) sent, \1 answered, 0 lost\n/);
    expect(said).toContain("after healing: all flows up\n");
    expect(said).not.toContain("\u001b");
    expect(demo.process.stderr).toBe("");
    await cleanedUp(demo, url);
  });

  it.concurrent("shows the page's address first, and on a tour faults of every kind", async () => {
    const demo = start("--tour", "--seconds", "90");
    expect(await demo.process.ended(), demo.process.stderr).toBe(0);
    const said = demo.process.stdout;
    const first = said.split("\n").find((line) => line.includes("http://"));
    expect(first).toMatch(/^The page: http:\/\/[\d.]+:\d+\/$/);
    for (const act of [
      "r8 drops",
      "r8 is healed",
      "r5 loses a third",
      "hash anew",
      "r6 drops what comes back",
      "Everything is healed",
    ]) {
      expect(said).toContain(act);
    }
    expect(said).toMatch(/r8 drops[\s\S]+the exporter: path_fault: [\s\S]+r8 is healed/);
  });

  it.each([[[]], [["--stack"]]])(
    "leaves nothing behind after Ctrl-C, run with %j",
    async (args) => {
      const demo = start(...args);
      const url = await demo.metricsUrl();
      await demo.process.said("The network is healthy");
      expect(await demo.leftovers(new URL(url).hostname)).not.toEqual([]);
      demo.interrupt();
      expect(await demo.process.ended()).toBe(0);
      expect(demo.process.stdout).toContain("Stopped; the network is gone.");
      await cleanedUp(demo, url);
    },
  );

  it("leaves nothing behind when its terminal is closed", async () => {
    const demo = new Demo();
    demos.push(demo);
    const url = await demo.metricsUrl();
    await demo.process.said("The network is healthy");
    demo.hangUp();
    await demo.process.ended();
    await cleanedUp(demo, url);
  });

  // Namespaces, links, services and the daemon come into being one after the other within these times.
  it.each([0, 10, 40, 200, 800])(
    "leaves nothing behind when it is stopped %d ms after it began to build the network",
    async (milliseconds) => {
      const demo = start();
      await demo.process.said("Building a network");
      await pause(milliseconds);
      demo.interrupt();
      expect(await demo.process.ended(), demo.process.stderr).toBe(0);
      expect(demo.process.stderr).toBe("");
      await cleanedUp(demo, "http://10.255.0.0");
    },
  );

  it("says in one sentence that it needs root", async () => {
    const script = readFileSync(join(packageRoot(), "scripts/demo.sh"), "utf8");
    const nobody = ["--reuid=65534", "--clear-groups", "bash", "-s"];
    await expect(run("setpriv", nobody, script)).rejects.toThrow(
      "The demo builds network namespaces, so it needs root: run it with sudo.",
    );
  });

  it("refuses a time too short to tell the story in", async () => {
    const demo = start("--seconds", "5");
    expect(await demo.process.ended()).toBe(1);
    expect(demo.process.stderr).toBe('demo: --seconds must be 30 or more, not "5"\n');
  });
});
