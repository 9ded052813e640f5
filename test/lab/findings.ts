import type { Daemon } from "./daemon.ts";
import { until } from "./processes.ts";

/** A suspect as the API names it. */
export interface SuspectView {
  readonly from: string | null;
  readonly to: string | null;
  readonly segment: string;
  readonly loss_ratio: number;
  readonly confidence: number;
}

/** What the API says of a target, as far as these labs look. */
export interface TargetView {
  readonly verdict: string;
  readonly reason: string;
  readonly suspects: readonly SuspectView[];
  readonly flows: readonly {
    readonly bucket: number;
    readonly source_port: number;
    readonly state: string;
    readonly path: string | null;
  }[];
  readonly paths: readonly {
    readonly id: string;
    readonly hops: readonly (string | null)[];
    readonly flows: number;
  }[];
  readonly coverage: {
    readonly paths: number;
    readonly confidence: number;
    readonly per_packet_ttls: readonly number[];
  };
}

/** One look at a target. */
export interface Finding {
  /** Milliseconds on the clock of `performance.now()`. */
  readonly at: number;
  readonly view: TargetView;
}

/** Assessments come with news, and every 5 s without. */
const POLL_MS = 1000;

/** Watches what the daemon says of a target, and remembers every look. */
export class Findings {
  /** All looks so far, in order. */
  readonly looks: Finding[] = [];
  readonly #daemon: Daemon;
  readonly #target: string;

  constructor(daemon: Daemon, target: string) {
    this.#daemon = daemon;
    this.#target = target;
  }

  /** Looks once. */
  async look(): Promise<Finding> {
    const view = (await this.#daemon.target(this.#target)) as TargetView;
    const look = { at: performance.now(), view };
    this.looks.push(look);
    return look;
  }

  /**
   * Looks until `check` holds.
   * @param each done before every look
   * @returns the last look @throws Error with the timeline after the limit
   */
  async until(
    what: string,
    limitMs: number,
    check: (view: TargetView) => boolean,
    each: () => Promise<void> = async () => undefined,
  ): Promise<Finding> {
    return await until(
      async () => {
        await each();
        const look = await this.look();
        return check(look.view) ? look : undefined;
      },
      { limitMs, everyMs: POLL_MS, what: () => `${what}\n${this.report()}` },
    );
  }

  /** Waits until every flow is up, has a known path, and the target is healthy. */
  learnt(buckets: number, limitMs: number): Promise<Finding> {
    const known = ({ state, path }: TargetView["flows"][number]) => state === "up" && path !== null;
    return this.until(
      `healthy, with all ${buckets} paths known`,
      limitMs,
      ({ verdict, flows }) =>
        verdict === "healthy" && flows.length === buckets && flows.every(known),
    );
  }

  /**
   * Looks until `check` has held for `steadyMs` without a break, or for as long as it may still begin to.
   * @returns milliseconds from `since` until it began to hold for good; Infinity if it never did within the limit
   */
  async steady(
    since: number,
    limitMs: number,
    steadyMs: number,
    check: (view: TargetView) => boolean,
  ): Promise<number> {
    let begun = Number.POSITIVE_INFINITY;
    const end = async () => {
      const { at, view } = await this.look();
      begun = check(view) ? Math.min(begun, at) : Number.POSITIVE_INFINITY;
      return at - begun >= steadyMs || (begun === Number.POSITIVE_INFINITY && at - since > limitMs);
    };
    const what = () => `it settles\n${this.report()}`;
    await until(end, { limitMs: limitMs + 2 * steadyMs, everyMs: POLL_MS, what });
    return begun - since;
  }

  /** Every change of what was told since `since`, a line each, seconds counted from there; and what is known by now. */
  report(since: number = this.looks[0]?.at ?? 0): string {
    let before = "";
    const changes = this.looks
      .filter(({ at }) => at >= since)
      .flatMap(({ at, view }) => {
        const told = brief(view);
        // How many flows fail changes with every poll of a lossy network.
        const stable = told.replace(/\d+ failing/, "");
        if (stable === before) return [];
        before = stable;
        return [`${((at - since) / 1000).toFixed(0).padStart(4)} s  ${told}  (${view.reason})`];
      });
    const flows = this.looks.at(-1)?.view.flows ?? [];
    const unknown = flows.filter(({ path }) => path === null).map(({ bucket }) => bucket);
    const known = `${flows.length - unknown.length} of ${flows.length} flows have a known path`;
    return [...changes, unknown.length === 0 ? known : `${known}, not ${unknown}`].join("\n");
  }
}

/** Verdict, failing flows and suspects in a line. */
export function brief(view: TargetView): string {
  const failing = view.flows.filter(({ state }) => state === "failing").length;
  const suspects = view.suspects.map(
    ({ from, to, segment, loss_ratio, confidence }) =>
      `${from ?? "source"}>${to ?? "?"} ${segment} ${loss_ratio} ${confidence}`,
  );
  return `${view.verdict} ${failing} failing [${suspects.join("; ")}]`;
}
