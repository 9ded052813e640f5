import { Daemon, NEVER } from "./daemon.ts";
import { Findings, type TargetView } from "./findings.ts";
import { GroundTruth } from "./ground-truth.ts";
import { Lab } from "./lab.ts";
import { startService } from "./services.ts";
import { VIP } from "./topologies.ts";
import type { Breakage, VerdictNetwork } from "./verdict-networks.ts";

/** What was seen of one fault; times in seconds, Infinity for never. */
export interface VerdictFacts {
  /** From the fault until the right verdict and suspects stood for good. */
  readonly foundAfter: number;
  /** From healing until `healthy` without suspects stood for good. */
  readonly healedAfter: number;
  /** How long a suspect was told that accuses something else, in all. */
  readonly wrongFor: number;
  /** How long another verdict than the right one or `healthy` was told while the fault stood. */
  readonly otherFor: number;
  /** Looks at which the reason said another number of failing flows than the flows beside it. */
  readonly contradictions: readonly string[];
  /** What was told after the fault, and after healing. */
  readonly timeline: string;
}

/** How long after a fault the right answer must stand, and after healing `healthy`; milliseconds. */
export const FOUND_WITHIN_MS = 75_000;
export const LOSS_FOUND_WITHIN_MS = 150_000;
export const HEALED_WITHIN_MS = 60_000;

const BUCKETS = 64;
const TARGET = "service";
const PORT = 3306;
/** Two assessments and more: what changes again within this time was not settled. */
const STEADY_MS = 11_000;
const LEARNT_WITHIN_MS = 180_000;

/** How the exporter probes. */
export interface Probing {
  /** Of the probes, such as `3s`. */
  readonly interval: string;
  /** Ports rotate once, this long after the start, before anything is broken; never unless told. */
  readonly rotateAfterMs?: number;
}

/**
 * Builds the network, lets the exporter learn it, breaks it, waits for the right answer, heals it.
 * @throws Error where the paths are never learnt
 */
export async function runVerdictCase(
  { topology }: VerdictNetwork,
  breakage: Breakage,
  { interval, rotateAfterMs }: Probing,
): Promise<VerdictFacts> {
  const lab = await Lab.build(topology);
  try {
    await startService(lab, "vip", "tcp", PORT);
    const rotation = rotateAfterMs === undefined ? NEVER : onceAfter(rotateAfterMs);
    const daemon = await Daemon.start(lab, "client", {
      probe: { interval, timeout: "1s", flow_buckets: BUCKETS, rotation },
      targets: [{ name: TARGET, host: VIP, port: PORT, protocol: "tcp" }],
    });
    try {
      const findings = new Findings(daemon, TARGET);
      await findings.learnt(BUCKETS, LEARNT_WITHIN_MS);
      if (rotateAfterMs !== undefined) await rotated(findings);
      return await observe(lab, findings, breakage);
    } finally {
      await daemon.stop();
    }
  } finally {
    await lab.destroy();
  }
}

async function observe(lab: Lab, findings: Findings, breakage: Breakage): Promise<VerdictFacts> {
  const truth = await GroundTruth.read(lab, "client");
  const right = (view: TargetView) => isRight(view, breakage, truth);

  const faults = await Promise.all(breakage.begin(lab));
  const brokenAt = performance.now();
  const limit = breakage.verdict === "path_loss" ? LOSS_FOUND_WITHIN_MS : FOUND_WITHIN_MS;
  const foundAfter = await findings.steady(brokenAt, limit, STEADY_MS, right);

  await Promise.all(faults.map((fault) => fault.heal()));
  const healedAt = performance.now();
  const healedAfter = await findings.steady(healedAt, HEALED_WITHIN_MS, STEADY_MS, isHealthy);

  const looks = findings.looks.filter(({ at }) => at >= brokenAt);
  const seconds = (wrong: (view: TargetView, at: number) => boolean) =>
    looks.reduce((sum, { at, view }, index) => {
      const before = looks[index - 1];
      return before !== undefined && wrong(view, at) ? sum + (at - before.at) / 1000 : sum;
    }, 0);
  const told = [breakage.verdict, "healthy"];
  return {
    foundAfter: foundAfter / 1000,
    healedAfter: healedAfter / 1000,
    wrongFor: seconds((view) => !allRight(view, breakage, truth)),
    otherFor: seconds((view, at) => at < healedAt && !told.includes(view.verdict)),
    contradictions: looks.map(({ view }) => contradiction(view)).filter((text) => text !== ""),
    timeline: `${findings.report(brokenAt)}\nhealed ${((healedAt - brokenAt) / 1000).toFixed(0)} s after the fault`,
  };
}

/** What a reason says of flows that fail now and the flows do not show; empty where they agree. */
function contradiction({ verdict, reason, flows }: TargetView): string {
  const failing = flows.filter(({ state }) => state === "failing").length;
  const agrees =
    reason.includes(`${failing} of ${flows.length} flows fail now`) ||
    (failing === 0 && (verdict === "healthy" || reason.startsWith("No flow fails now"))) ||
    (failing === flows.length && reason.startsWith("Every flow fails"));
  return agrees ? "" : `${failing} of ${flows.length} flows fail, and the reason says: ${reason}`;
}

/** Waits for a rotation and until the new flows are known as well as the old ones were. */
async function rotated(findings: Findings): Promise<void> {
  const { view: before } = await findings.look();
  const ports = before.flows.map(({ source_port }) => source_port);
  await findings.until("ports rotate", LEARNT_WITHIN_MS, ({ flows }) =>
    flows.every(({ source_port }, index) => source_port !== ports[index]),
  );
  await findings.learnt(BUCKETS, LEARNT_WITHIN_MS);
}

/** A cron expression that is due once within the hour, in so many milliseconds. */
function onceAfter(ms: number): string {
  const at = new Date(Date.now() + ms);
  return `${at.getSeconds()} ${at.getMinutes()} * * * *`;
}

function isHealthy({ verdict, suspects }: TargetView): boolean {
  return verdict === "healthy" && suspects.length === 0;
}

function isRight(view: TargetView, breakage: Breakage, truth: GroundTruth): boolean {
  const { verdict, accused, ends, behind } = breakage;
  if (view.verdict !== verdict || !allRight(view, breakage, truth)) return false;
  if (ends === true) return true;
  if (behind === true) return view.suspects.length > 0;
  return accused.every((router) => view.suspects.some((each) => truth.accuses(each, router)));
}

/** No suspect accuses anything but what is broken. */
function allRight(view: TargetView, { accused, behind }: Breakage, truth: GroundTruth): boolean {
  return view.suspects.every((suspect) =>
    behind === true
      ? suspect.segment === "return_or_endpoint"
      : accused.some((router) => truth.accuses(suspect, router)),
  );
}
