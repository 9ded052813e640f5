import { Daemon, type DaemonConfig, NEVER } from "./daemon.ts";
import { answerSeldom, silence } from "./faults.ts";
import { brief, Findings, type TargetView } from "./findings.ts";
import { Lab } from "./lab.ts";
import { startService } from "./services.ts";
import {
  type LabOptions,
  leafSpine,
  story,
  twoStage,
  unequalLengths,
  vipOf,
} from "./topologies.ts";
import { defineLab, type Topology } from "./topology.ts";

/** A network in which nothing is wrong, though something may look so. */
export interface HealthyCase {
  readonly name: string;
  readonly topology: Topology;
  /** Settings beside the usual ones. */
  readonly probe?: DaemonConfig["probe"];
  readonly trace?: DaemonConfig["trace"];
  /** Makes a router keep quiet before the exporter starts. */
  readonly prepare?: (lab: Lab) => Promise<unknown>;
  /** A router that routing leaves out and takes back, over and over. */
  readonly flapping?: string;
}

/** What was seen of a healthy network. */
export interface HealthyFacts {
  /** Everything told that was neither `healthy` without suspects nor, before that, `indeterminate`. */
  readonly alarms: readonly string[];
  /** Seconds until `healthy` was told first; Infinity for never. */
  readonly healthyAfter: number;
  readonly probes: number;
  readonly failures: number;
  readonly paths: number;
  /** Paths that flows were seen to change to. */
  readonly pathChanges: number;
  /** Routing left a router out or took it back this often. */
  readonly rehashes: number;
  readonly timeline: string;
}

const OPTIONS: LabOptions = { hostAccess: ["client"] };
const TARGET = "service";
const BUCKETS = 64;
const REHASH_EVERY_MS = 25_000;
/** The network itself may lose a packet while its routes change, so a change waits until flows are known. */
const BEFORE_FIRST_REHASH_MS = 15_000;
const OFTEN = "*/20 * * * * *";

/** The healthy labs. */
export function healthyCases(): HealthyCase[] {
  const two = () => twoStage(3, 4, OPTIONS);
  return [
    { name: "one stage", topology: story(8, OPTIONS) },
    { name: "two stages", topology: two() },
    {
      name: "two stages of IPv6",
      topology: twoStage(3, 4, { ...OPTIONS, family: 6, answersFrom: "interface" }),
    },
    { name: "leaf and spine", topology: leafSpine(4, 4, OPTIONS) },
    { name: "unequal lengths", topology: unequalLengths(OPTIONS) },
    { name: "a hop never answers", topology: two(), prepare: (lab) => silence(lab, "a2") },
    {
      name: "a hop answers one in five",
      topology: two(),
      prepare: (lab) => answerSeldom(lab, "b2", 20),
      trace: { survey: OFTEN },
    },
    { name: "uneven weights", topology: uneven() },
    {
      name: "rotation every 30 s",
      topology: two(),
      probe: { rotation: "*/30 * * * * *" },
      trace: { survey: OFTEN },
    },
    { name: "rehashes", topology: two(), trace: { survey: OFTEN }, flapping: "a2" },
  ];
}

/** Runs a healthy network for so long and says what the exporter made of it. */
export async function runHealthyCase(told: HealthyCase, ms: number): Promise<HealthyFacts> {
  const lab = await Lab.build(told.topology);
  try {
    await startService(lab, "vip", "tcp", 3306);
    await told.prepare?.(lab);
    const daemon = await Daemon.start(lab, "client", {
      probe: {
        interval: "5s",
        timeout: "1s",
        flow_buckets: BUCKETS,
        rotation: NEVER,
        ...told.probe,
      },
      trace: told.trace ?? {},
      targets: [{ name: TARGET, host: vipOf(told.topology.spec), port: 3306, protocol: "tcp" }],
    });
    try {
      return await observe(lab, daemon, told, ms);
    } finally {
      await daemon.stop();
    }
  } finally {
    await lab.destroy();
  }
}

async function observe(
  lab: Lab,
  daemon: Daemon,
  told: HealthyCase,
  ms: number,
): Promise<HealthyFacts> {
  const findings = new Findings(daemon, TARGET);
  const start = (await findings.look()).at;
  let rehashes = 0;
  let rehashAt = start + BEFORE_FIRST_REHASH_MS;
  await findings.until(
    `${ms} ms have passed`,
    ms + 30_000,
    () => performance.now() - start >= ms,
    async () => {
      if (told.flapping === undefined || performance.now() < rehashAt) return;
      rehashAt = performance.now() + REHASH_EVERY_MS;
      rehashes += 1;
      await lab.reroute(rehashes % 2 === 1 ? [told.flapping] : []);
    },
  );
  const first = findings.looks.find(({ view }) => isHealthy(view))?.at ?? Number.POSITIVE_INFINITY;
  const alarms = findings.looks.filter(
    ({ at, view }) =>
      !isHealthy(view) &&
      !(at < first && view.verdict === "indeterminate" && view.suspects.length === 0),
  );
  const metrics = await daemon.metrics();
  return {
    alarms: alarms.map(({ at, view }) => `${((at - start) / 1000).toFixed(0)} s: ${brief(view)}`),
    healthyAfter: (first - start) / 1000,
    probes: metrics.sum("ecmp_probes_total"),
    failures: metrics.sum("ecmp_probe_failures_total"),
    paths: metrics.value("ecmp_target_paths"),
    pathChanges: metrics.sum("ecmp_path_changes_total"),
    rehashes,
    timeline: findings.report(),
  };
}

function isHealthy({ verdict, suspects }: TargetView): boolean {
  return verdict === "healthy" && suspects.length === 0;
}

/** Two stages whose routers do not get equal shares: one in six, two in six, three in six of the first stage. */
function uneven(): Topology {
  const { spec } = twoStage(3, 4, OPTIONS);
  const weight = (from: string, to: string) => (from === "r1" ? Number(to.slice(1)) : 1);
  const links = spec.links.map(([from, to]) => [from, to, { weight: weight(from, to) }] as const);
  return defineLab({ ...spec, name: "uneven3x4", links });
}
