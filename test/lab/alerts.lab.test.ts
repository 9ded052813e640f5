//                ┌─ r2 ─┐
//  client ── r1 ─┼─ …  ─┼─ r10 ── vip (192.0.2.10:3306, TCP)
//                └─ r9 ─┘
// From a broken router to a message in somebody's hands: the shipped rules and routes in a real Prometheus and a real
// Alertmanager. Nothing in the files is changed but their durations, each divided by the same number.
import { describe, expect, inject, it } from "vitest";
import { isMissing } from "../support/installed.ts";
import { AlertStack, LAPSE, type SentAlert, type TimeLapse } from "./alert-stack.ts";
import { Daemon, NEVER } from "./daemon.ts";
import { dropForward } from "./faults.ts";
import { Findings, type TargetView } from "./findings.ts";
import { Lab } from "./lab.ts";
import { startService } from "./services.ts";
import { story, VIP } from "./topologies.ts";

/** Few: stock routers answer one expired TTL a second, and every flow is to be known before anything breaks. */
const BUCKETS = 16;
const PARALLEL = 8;
const TARGET = "mysql-vip";
const PORT = 3306;
/** For what needs no suspect: counters alone, so that the windows may be shorter. */
const SHORT_LAPSE: TimeLapse = { rules: 16, routes: 40 };
const LEARNT_WITHIN_MS = 90_000;
const TOLD_WITHIN_MS = 90_000;

/** A network with everything in it that makes an alert. */
class Scene {
  readonly lab: Lab;
  readonly daemon: Daemon;
  readonly stack: AlertStack;
  readonly findings: Findings;

  private constructor(lab: Lab, daemon: Daemon, stack: AlertStack) {
    this.lab = lab;
    this.daemon = daemon;
    this.stack = stack;
    this.findings = new Findings(daemon, TARGET);
  }

  static async set(lapse: TimeLapse): Promise<Scene> {
    const lab = await Lab.build(story(PARALLEL, { hostAccess: ["client"] }));
    try {
      await startService(lab, "vip", "tcp", PORT);
      const daemon = await Daemon.start(lab, "client", {
        probe: { interval: "1s", timeout: "500ms", flow_buckets: BUCKETS, rotation: NEVER },
        targets: [
          { name: TARGET, host: VIP, port: PORT, protocol: "tcp", labels: { site: "fra1" } },
        ],
      });
      const stack = await AlertStack.start(lab, "client", lapse);
      const scene = new Scene(lab, daemon, stack);
      await scene.findings.learnt(BUCKETS, LEARNT_WITHIN_MS);
      return scene;
    } catch (error) {
      await lab.destroy();
      throw error;
    }
  }

  /** Hops of the path over one of the parallel routers. */
  hopsOver(router: string): string[] {
    return [...["r1", router, "r10"].map((each) => this.lab.address(each)), VIP];
  }

  /** Id of the path over one of the parallel routers, once a flow is known to take it. */
  pathOver(router: string, view: TargetView): string | undefined {
    const hops = this.hopsOver(router).join();
    return view.paths.find((each) => each.flows > 0 && each.hops.join() === hops)?.id;
  }

  /** What the exporter said at the last look. */
  get view(): TargetView {
    const last = this.findings.looks.at(-1);
    if (last === undefined) throw new Error("nobody has looked yet");
    return last.view;
  }

  /** Waits for the first message that tells of an alert. */
  async told(alertname: string, status: SentAlert["status"]): Promise<SentAlert[]> {
    const [first] = await this.stack.until(`${alertname} is ${status}`, TOLD_WITHIN_MS, () => {
      const sent = this.stack.sent(alertname, status);
      return sent.length > 0 && sent;
    });
    return first ?? [];
  }

  async end(): Promise<void> {
    await this.daemon.stop();
    await this.lab.destroy();
  }
}

/** Sets a scene, plays in it and takes it down, whatever happens. */
async function inScene(lapse: TimeLapse, play: (scene: Scene) => Promise<void>): Promise<void> {
  const scene = await Scene.set(lapse);
  try {
    await play(scene);
  } finally {
    await scene.end();
  }
}

/** Names of all alerts about the network that were sent, each once. */
function networkAlerts(stack: AlertStack): string[] {
  const alerts = stack.messages.flatMap((message) => message.alerts);
  const about = alerts.filter(({ labels }) => labels["target"] !== undefined);
  return [...new Set(about.map(({ labels }) => labels["alertname"] ?? ""))];
}

/** The value of a line of a description, such as that of `Path: …`. */
function line(alert: SentAlert | undefined, name: string): string {
  const lines = alert?.annotations["description"]?.split("\n") ?? [];
  const found = lines.find((each) => each.startsWith(`${name}: `));
  return found?.slice(name.length + 2) ?? "";
}

const skip =
  inject("labMissing") !== "" ||
  isMissing("prometheus", "prometheus") ||
  isMissing("prometheus-alertmanager", "prometheus-alertmanager");

describe.skipIf(skip)("alerts", () => {
  it.concurrent("tell of a broken router by path, hop and port, and of its recovery", async () => {
    await inScene(LAPSE, async (scene) => {
      const { lab, stack, view } = scene;
      const fault = await dropForward(lab, "r8");
      await lab.truth("r8").reset();

      const [down, ...more] = await scene.told("EcmpPathDown", "firing");
      expect(more).toEqual([]);
      expect(down?.labels).toEqual({
        alertname: "EcmpPathDown",
        severity: "critical",
        job: "ecmp",
        instance: "127.0.0.1:10190",
        target: TARGET,
        protocol: "tcp",
        path: scene.pathOver("r8", view),
        site: "fra1",
      });
      expect(line(down, "Path")).toBe(scene.hopsOver("r8").join(" > "));
      const r8 = lab.address("r8");
      const links = [
        `link: ${lab.address("r1")} to ${r8}`,
        `link: ${r8} to ${lab.address("r10")}`,
        `router: ${lab.address("r1")} to any`,
        `router: ${r8} to any`,
      ];
      const suspect = /^Suspect (.+?),/m.exec(down?.annotations["description"] ?? "")?.[1];
      expect(links).toContain(suspect);
      const [, port, lastHop] =
        /^source port (\d+), last responding hop (\S+)$/.exec(line(down, "Failing flow")) ?? [];
      expect(lastHop).toBe(r8);
      const broken = await lab.truth("r8").ports();
      expect([...broken]).toContain(Number(port));

      // The command in the message does what it says; with the port of another flow it works.
      const command = line(down, "Reproduce on the exporter's host");
      const working = view.flows.find(({ source_port }) => !broken.has(source_port))?.source_port;
      const byHand = (text: string) => lab.exec("client", text.split(" "));
      expect(command).toBe(`nc -z -w 2 -p ${port} ${VIP} ${PORT}`);
      await expect(byHand(command)).rejects.toThrow("ended with 1");
      await byHand(command.replace(`${port}`, `${working}`));

      await fault.heal();
      const [well, ...others] = await scene.told("EcmpPathDown", "resolved");
      expect(others).toEqual([]);
      expect(well?.labels).toEqual(down?.labels);
      expect(networkAlerts(stack)).toEqual(["EcmpPathDown"]);
    });
  });

  it.concurrent("tell of a target that is down once, not of its paths, and of a lost exporter", async () => {
    await inScene(SHORT_LAPSE, async (scene) => {
      const { lab, daemon, stack } = scene;
      await dropForward(lab, "r1");
      const [down, ...more] = await scene.told("EcmpTargetDown", "firing");
      expect(more).toEqual([]);
      expect(down?.labels).toMatchObject({ target: TARGET, protocol: "tcp", site: "fra1" });
      expect(down?.annotations["description"]).toContain(`: ${BUCKETS} flows fail`);
      const [, port] = /^source port (\d+)$/.exec(line(down, "Failing flow")) ?? [];
      expect([...(await lab.truth("r1").ports())]).toContain(Number(port));

      const paths = await stack.until("a path is down", TOLD_WITHIN_MS, async () => {
        const held = await stack.held();
        const dead = held.filter(({ labels }) => labels["alertname"] === "EcmpPathDown");
        return dead.length > 0 && dead;
      });
      const target = (await stack.held()).find(
        ({ labels }) => labels["alertname"] === "EcmpTargetDown",
      );
      for (const { status } of paths) {
        expect(status).toMatchObject({ state: "suppressed", inhibitedBy: [target?.fingerprint] });
      }

      await daemon.process.stop("SIGKILL");
      const [lost, ...others] = await scene.told("EcmpExporterDown", "firing");
      expect(others).toEqual([]);
      expect(lost?.labels).toMatchObject({ job: "ecmp", instance: "127.0.0.1:10190" });
      expect(stack.sent("EcmpTargetDown", "firing")).toHaveLength(1);
      expect(networkAlerts(stack)).toEqual(["EcmpTargetDown"]);
    });
  });
});
