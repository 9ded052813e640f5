import { Daemon, NEVER } from "./daemon.ts";
import { dropEarly, dropForward } from "./faults.ts";
import type { FlowRow } from "./flow-rows.ts";
import { Lab } from "./lab.ts";
import { startService } from "./services.ts";
import { type LabOptions, story, vipOf } from "./topologies.ts";
import { Watch } from "./watch.ts";

/** One telling of the story: what the network is, how it is probed, how the router breaks. */
export interface StoryCase extends LabOptions {
  readonly protocol: "tcp" | "udp";
  readonly parallel: number;
  readonly buckets: number;
  readonly fault: "dropForward" | "dropEarly";
}

/**
 * Every story over a protocol: 4 or 8 routers, 32 or 64 flows, two ways to break. With the protocol these are four
 * factors of two levels.
 */
export function storyCases({
  protocol,
  answersFrom,
}: Required<Pick<StoryCase, "protocol" | "answersFrom">>): StoryCase[] {
  return [4, 8].flatMap((parallel) =>
    [32, 64].flatMap((buckets) =>
      (["dropForward", "dropEarly"] as const).map((fault) => ({
        protocol,
        answersFrom,
        parallel,
        buckets,
        fault,
      })),
    ),
  );
}

/** Half of all stories, in which any three factors still meet in each of their combinations. */
export function inEveryTest({ protocol, parallel, buckets, fault }: StoryCase): boolean {
  const levels = [protocol === "udp", parallel === 8, buckets === 64, fault === "dropEarly"];
  return levels.filter(Boolean).length % 2 === 0;
}

/** What was seen; the test judges. */
export interface StoryFacts {
  /** The address that was probed. */
  readonly destination: string;
  /** Ports the broken router was handed after the fault, sorted: the truth. */
  readonly truth: readonly number[];
  /** Address of the last hop that can answer on a failing path. */
  readonly trueHop: string;
  /** All buckets before the fault, when the failing ones were found, and after healing. */
  readonly healthy: readonly FlowRow[];
  readonly broken: readonly FlowRow[];
  readonly healed: readonly FlowRow[];
  /** All buckets once each has been probed twice more. */
  readonly later: readonly FlowRow[];
  /** Milliseconds from the fault until ports and last hops were right; from healing until all were up. */
  readonly foundAfterMs: number;
  readonly healedAfterMs: number;
  /** Probes that the exporter had to call invalid, because the machine starved it. */
  readonly invalid: number;
}

/** Interval of the probes; the limit for recovery is two of them. */
const STORY_INTERVAL_MS = 5000;
const TARGET = "story";
const PORT = 3306;
/** Longer than the 45 s that the test allows, so that a slow case is told apart from one that never ends. */
const PATIENCE_MS = 75_000;

/** Builds the network, lets it run healthy, breaks a router, heals it. @throws Error where a step never ends */
export async function tellStory(told: StoryCase): Promise<StoryFacts> {
  const lab = await Lab.build(story(told.parallel, { ...told, hostAccess: ["client"] }));
  try {
    await startService(lab, "vip", told.protocol, PORT);
    const daemon = await Daemon.start(lab, "client", {
      probe: {
        interval: `${STORY_INTERVAL_MS}ms`,
        timeout: "1s",
        flow_buckets: told.buckets,
        rotation: NEVER,
      },
      targets: [{ name: TARGET, host: vipOf(told), port: PORT, protocol: told.protocol }],
    });
    try {
      return await run(lab, daemon, told);
    } finally {
      await daemon.stop();
    }
  } finally {
    await lab.destroy();
  }
}

async function run(lab: Lab, daemon: Daemon, told: StoryCase): Promise<StoryFacts> {
  const watch = new Watch(daemon, TARGET);
  const router = told.parallel >= 7 ? "r8" : "r4";
  const truth = lab.truth(router);
  await watch.allUp(told.buckets, PATIENCE_MS);
  const healthy = watch.rows;

  const fault = await (told.fault === "dropForward" ? dropForward : dropEarly)(lab, router);
  const faultAt = performance.now();
  await truth.reset();
  const trueHop =
    told.fault === "dropForward"
      ? lab.answerAddress(router, "r1")
      : lab.answerAddress("r1", "client");
  // Twice: the first may have been in flight when the router broke.
  await watch.probedAgain(2, PATIENCE_MS);
  await watch.until(`last hop ${trueHop} for what crosses ${router}`, PATIENCE_MS, async (rows) => {
    const failing = rows.filter((row) => !row.up);
    if (!failing.every((row) => row.lastHop === trueHop)) return false;
    const ports = await truth.ports();
    return failing.length === ports.size && failing.every((row) => ports.has(row.sourcePort));
  });
  const foundAfterMs = performance.now() - faultAt;
  const broken = watch.rows;
  const ports = [...(await truth.ports())].sort((a, b) => a - b);

  await fault.heal();
  const healedAfterMs = await watch.recovered(told.buckets, STORY_INTERVAL_MS);
  const healed = watch.rows;
  await watch.probedAgain(2, PATIENCE_MS);
  const later = watch.rows;
  const { invalid } = watch;
  return {
    destination: vipOf(told),
    invalid,
    truth: ports,
    trueHop,
    healthy,
    broken,
    healed,
    later,
    foundAfterMs,
    healedAfterMs,
  };
}
