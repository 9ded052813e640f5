// What a real Alertmanager holds back under the shipped inhibit_rules, and what it does not.
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HeldAlert } from "../lab/alert-stack.ts";
import { LabProcess, until } from "../lab/processes.ts";
import { isMissing } from "../support/installed.ts";

const CONFIG = fileURLToPath(new URL("../../config/alertmanager.yml", import.meta.url));

type Labels = Readonly<Record<string, string>>;

/** An alert about the exporter of a case. */
function exporter(alertname: string, labels: Labels = {}): Labels {
  return { alertname, job: "ecmp", ...labels };
}

/** An alert about a target of it. */
function target(alertname: string, labels: Labels = {}): Labels {
  return exporter(alertname, { target: "t", protocol: "tcp", site: "fra1", ...labels });
}

const DOWN = target("EcmpTargetDown");
const PATH_A = target("EcmpPathDown", { path: "0000000a" });
const LOSSY_A = target("EcmpPathLossy", { path: "0000000a", window: "5m" });
const SLOW_A = target("EcmpPathLossy", { path: "0000000a", window: "1h" });
const LOSSY_B = target("EcmpPathLossy", { path: "0000000b", window: "5m" });
const SLOW_B = target("EcmpPathLossy", { path: "0000000b", window: "1h" });
const RETURN = target("EcmpReturnPathSuspected");
const COVERAGE = target("EcmpCoverageLow");
const STALLED = target("EcmpProbingStalled");
const OVERLOADED = exporter("EcmpExporterOverloaded", { symptom: "lag" });
const OF_PATHS = [PATH_A, LOSSY_A, SLOW_A, RETURN, COVERAGE];

/** Alerts that fire together at one exporter, and those of them that are held back. */
const CASES: readonly { name: string; held: readonly Labels[]; sent: readonly Labels[] }[] = [
  { name: "a target that is down holds its paths back", held: OF_PATHS, sent: [DOWN] },
  { name: "a target without probes holds its paths back", held: OF_PATHS, sent: [STALLED] },
  {
    name: "a target that is down leaves the paths of others and of another protocol alone",
    held: [],
    sent: [
      DOWN,
      target("EcmpPathDown", { path: "0000000a", target: "other" }),
      target("EcmpPathDown", { path: "0000000a", protocol: "udp" }),
    ],
  },
  {
    name: "a path that is down holds its own loss back, not that of another",
    held: [LOSSY_A, SLOW_A],
    sent: [PATH_A, LOSSY_B],
  },
  {
    name: "much loss holds little back, on the same path",
    held: [SLOW_A],
    sent: [LOSSY_A, SLOW_B],
  },
  {
    name: "the way back holds loss back, not a path that is down",
    held: [LOSSY_A, LOSSY_B, SLOW_A],
    sent: [RETURN, PATH_A],
  },
  {
    name: "what several exporters suspect holds back what is said of paths, of this target alone, and not that it is down",
    held: [PATH_A, LOSSY_A, RETURN],
    sent: [
      target("EcmpTargetSuspectShared"),
      COVERAGE,
      target("EcmpPathDown", { path: "0000000a", target: "other" }),
      target("EcmpTargetSuspectShared", { target: "down" }),
      target("EcmpTargetDown", { target: "down" }),
    ],
  },
  {
    name: "a fault at the source holds back what it says of targets, not of itself",
    held: [DOWN, STALLED, ...OF_PATHS],
    sent: [exporter("EcmpSourceFault"), OVERLOADED, exporter("EcmpConfigReloadFailed")],
  },
  {
    name: "an exporter that is down holds everything of its own back",
    held: [DOWN, OVERLOADED, exporter("EcmpSourceFault"), ...OF_PATHS],
    sent: [exporter("EcmpExporterDown")],
  },
];

/** A port of the loopback interface that nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

const skip = isMissing("prometheus-alertmanager", "prometheus-alertmanager");

describe.skipIf(skip)("Alertmanager", () => {
  const folder = mkdtempSync(join(tmpdir(), "ecmp-alertmanager-"));
  let alertmanager: LabProcess | undefined;
  let held: HeldAlert[] = [];

  beforeAll(async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const started = new LabProcess(
      [
        "prometheus-alertmanager",
        `--config.file=${CONFIG}`,
        `--storage.path=${folder}`,
        `--web.listen-address=${address}`,
        "--cluster.listen-address=",
      ],
      process.env,
    );
    alertmanager = started;
    const url = `http://${address}`;
    await until(async () => (await fetch(`${url}/-/ready`)).status === 200, {
      limitMs: 30_000,
      what: () => `Alertmanager is ready; it said:\n${started.stderr}`,
    });
    // An exporter for each case, and one alert without an instance, which must not hold back any of them.
    const alerts = CASES.flatMap(({ held, sent }, index) =>
      [...held, ...sent].map((labels) => ({ labels: { ...labels, instance: `case-${index}` } })),
    );
    const nameless = { labels: { alertname: "EcmpExporterDown" } };
    const posted = await fetch(`${url}/api/v2/alerts`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify([...alerts, nameless]),
    });
    expect(posted.status, await posted.text()).toBe(200);
    held = await until(
      async () => {
        const all = (await (await fetch(`${url}/api/v2/alerts`)).json()) as HeldAlert[];
        return all.length === alerts.length + 1 && all;
      },
      { limitMs: 10_000, what: "Alertmanager has every alert" },
    );
  }, 60_000);
  afterAll(async () => {
    await alertmanager?.stop();
    rmSync(folder, { recursive: true });
  });

  const named = (labels: Labels) =>
    ["alertname", "target", "protocol", "path", "window"].map((key) => labels[key] ?? "").join(" ");

  it.each(CASES.map((each, index) => ({ ...each, instance: `case-${index}` })))(
    "$name",
    (expected) => {
      const own = held.filter(({ labels }) => labels["instance"] === expected.instance);
      const inState = (state: string) =>
        own.filter(({ status }) => status.state === state).map(({ labels }) => named(labels));
      expect(inState("suppressed").sort()).toEqual(expected.held.map(named).sort());
      expect(inState("active").sort()).toEqual(expected.sent.map(named).sort());
    },
  );

  it("sends the alert that names no exporter", () => {
    const nameless = held.find(({ labels }) => labels["instance"] === undefined);
    expect(nameless?.status.state).toBe("active");
  });
});
