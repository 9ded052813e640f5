import { Daemon, type DaemonConfig, NEVER } from "../lab/daemon.ts";
import type { Fault } from "../lab/faults.ts";
import { Lab } from "../lab/lab.ts";
import { startService } from "../lab/services.ts";
import { vipOf } from "../lab/topologies.ts";
import type { Topology } from "../lab/topology.ts";
import { brief, type Look, Looks, type SuspectLook, type TargetLook, timeline } from "./looks.ts";

/** A network, what is broken in it, and what has to be said. */
export interface PlaceCase {
  readonly name: string;
  readonly topology: Topology;
  /** Done before the exporter starts. */
  readonly prepare?: (lab: Lab) => Promise<unknown>;
  readonly breaks: (lab: Lab) => Promise<Fault>;
  /** Right verdicts. */
  readonly verdicts: readonly string[];
  readonly places: readonly string[];
  /** Names of which one has to stand; absent where the place has none that is known beforehand. */
  readonly names?: (lab: Lab) => readonly string[];
  /** Router whose flows die for good: the reason has to say so once they are shown failing. */
  readonly kills?: boolean;
  readonly config?: (lab: Lab) => Partial<DaemonConfig>;
  /** How long the exporter learns, where not every flow has a path to know; milliseconds. Else until it knows all. */
  readonly learnsMs?: number;
  /** How long one looks after the fault; milliseconds. */
  readonly watchMs: number;
}

/** What was seen; times in seconds after the fault, Infinity for never. */
export interface PlaceFacts {
  /** Until the right verdict and the one right suspect stood first, and until they stood for good. */
  readonly firstAfter: number;
  readonly foundAfter: number;
  /** Suspects told that are not right, each once. */
  readonly wrong: readonly string[];
  /** Seconds with more than one suspect. */
  readonly several: number;
  /** All names of right suspects. */
  readonly names: readonly string[];
  /** Reasons that do not agree with the flows shown beside them, each kind once. */
  readonly unreasoned: readonly string[];
  /** From the end of the fault until the target was told healthy; Infinity if it was not within two minutes. */
  readonly healthyAfter: number;
  readonly timeline: string;
}

const TARGET = "service";
const PORT = 3306;
const LEARNT_WITHIN_MS = 150_000;
const HEALTHY_WITHIN_MS = 120_000;

/**
 * Builds the network, lets the exporter learn it, breaks it and looks once a second.
 * @param watchMs how long; without it as long as the case says
 */
export async function runPlaceCase(
  told: PlaceCase,
  watchMs: number = told.watchMs,
): Promise<PlaceFacts> {
  const lab = await Lab.build(told.topology);
  try {
    await startService(lab, "vip", "tcp", PORT);
    await told.prepare?.(lab);
    const config = told.config?.(lab) ?? {};
    const daemon = await Daemon.start(lab, "client", {
      targets: [{ name: TARGET, host: vipOf(told.topology.spec), port: PORT, protocol: "tcp" }],
      ...config,
      probe: { rotation: NEVER, ...config.probe },
    });
    try {
      const looks = new Looks(daemon, TARGET);
      if (told.learnsMs === undefined) await looks.learnt(LEARNT_WITHIN_MS);
      else await looks.during(told.learnsMs);
      const fault = await told.breaks(lab);
      const brokenAt = performance.now();
      const after = await looks.during(watchMs);
      await fault.heal();
      const healthyAfter = await untilHealthy(looks);
      return { ...factsOf(after, brokenAt, told, told.names?.(lab)), healthyAfter };
    } finally {
      await daemon.stop();
    }
  } finally {
    await lab.destroy();
  }
}

/** Seconds from now on until the target is told healthy. */
async function untilHealthy(looks: Looks): Promise<number> {
  const start = performance.now();
  const isOver = ({ verdict }: TargetLook): boolean =>
    verdict === "healthy" || performance.now() - start > HEALTHY_WITHIN_MS;
  const { at, view } = await looks.until("healthy again", 2 * HEALTHY_WITHIN_MS, isOver);
  return view.verdict === "healthy" ? (at - start) / 1000 : Number.POSITIVE_INFINITY;
}

function factsOf(
  looks: readonly Look[],
  brokenAt: number,
  told: PlaceCase,
  names: readonly string[] | undefined,
): Omit<PlaceFacts, "healthyAfter"> {
  const isRightSuspect = ({ place, name }: SuspectLook): boolean =>
    told.places.includes(place ?? "") && (names === undefined || names.includes(name ?? ""));
  const isRight = ({ verdict, suspects }: TargetLook): boolean =>
    told.verdicts.includes(verdict) && suspects.length === 1 && suspects.every(isRightSuspect);
  const seconds = (look: Look | undefined): number =>
    look === undefined ? Number.POSITIVE_INFINITY : (look.at - brokenAt) / 1000;
  const lastWrong = looks.findLastIndex(({ view }) => !isRight(view));
  const all = looks.flatMap(({ view }) => view.suspects);
  const unique = (list: readonly string[]): string[] => [...new Set(list)];
  return {
    firstAfter: seconds(looks.find(({ view }) => isRight(view))),
    foundAfter: seconds(looks[lastWrong + 1]),
    wrong: unique(
      all
        .filter((each) => !isRightSuspect(each))
        .map((each) => brief({ ...each, confidence: 0 }).replace(/ 0$/, "")),
    ),
    several: looks.filter(({ view }) => view.suspects.length > 1).length,
    names: unique(all.filter(isRightSuspect).map(({ name }) => name ?? "-")),
    unreasoned: unique(
      looks.flatMap((look) => disagreements(look.view, told.kills === true, seconds(look))),
    ),
    timeline: timeline(looks),
  };
}

/** A fault is confirmed within this time, in seconds; until then a verdict stands, and its reason says what fails meanwhile. */
const CONFIRMED_WITHIN_S = 25;

/** Where the reason says another thing than the flows of the same answer, so many seconds after the fault. */
function disagreements(
  { reason, flows, verdict }: TargetLook,
  kills: boolean,
  seconds: number,
): string[] {
  const failing = flows.filter(({ state }) => state === "failing").length;
  const found: string[] = [];
  const isTold =
    seconds <= CONFIRMED_WITHIN_S &&
    reason.startsWith(`${failing} of ${flows.length} flows fail now`) &&
    reason.endsWith("a fault is not confirmed yet.");
  const isHidden = /no more than chance/.test(reason) || (verdict === "healthy" && !isTold);
  if (failing >= 3 && isHidden) {
    found.push(`${verdict} and "${reason}" while ${failing} flows are failing`);
  }
  const said = /(\d+) of (\d+) flows fail on every probe/.exec(reason);
  if (kills && said !== null && Number(said[1]) === 0 && failing > 0) {
    found.push(`"${reason}" while ${failing} flows are dead`);
  }
  if (said !== null && Number(said[1]) > failing) {
    found.push(`"${reason}" while ${failing} flows are failing`);
  }
  return found;
}

/** A line of a table. */
export function briefPlace(name: string, facts: PlaceFacts): string {
  const { firstAfter, foundAfter, wrong, several, names, unreasoned, healthyAfter } = facts;
  return `${name.padEnd(44)} first ${firstAfter.toFixed(0)} s, for good ${foundAfter.toFixed(0)} s, healthy ${healthyAfter.toFixed(0)} s after it, wrong [${wrong.join(" | ")}], several ${several} s, names [${names}], reasons [${unreasoned.join(" | ")}]`;
}
