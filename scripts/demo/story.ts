import { setTimeout as sleep } from "node:timers/promises";
import { dropForward } from "../../test/lab/faults.ts";
import { type FlowRow, flowRows } from "../../test/lab/flow-rows.ts";
import { until } from "../../test/lab/processes.ts";
import { VIP } from "../../test/lab/topologies.ts";
import { Pager } from "./pager.ts";
import type { PingCount } from "./ping.ts";
import type { Screen } from "./screen.ts";
import { BROKEN, FLOWS, INTERVAL_MS, type Stage, TARGET } from "./stage.ts";

/** How long each act of the story plays, milliseconds. */
export interface Acts {
  readonly healthyMs: number;
  readonly brokenMs: number;
  readonly healedMs: number;
}

/** What one telling of the story came to. */
export interface Findings {
  /** Source ports that failed, and those that the broken router was handed by its own record; both sorted. */
  readonly failing: readonly number[];
  readonly truth: readonly number[];
  /** Last hops of the failing flows, each once. */
  readonly lastHops: readonly string[];
  readonly flows: number;
  /** All flows were up at the end. */
  readonly recovered: boolean;
  readonly ping: PingCount;
  /** What the API said while the router was broken. */
  readonly told: TargetAnswer;
}

/** What the demo takes from the API's answer about the target. */
export interface TargetAnswer {
  readonly verdict: string;
  readonly reason: string;
  readonly suspects: readonly { readonly reason: string }[];
  /** Commands that repeat a failing and a working flow by hand. */
  readonly reproduce: { readonly failing: readonly string[]; readonly working: readonly string[] };
}

const LOOK_EVERY_MS = 1000;
const FIRST_PROBES_MS = 15_000;

/** Plays the acts one after the other on a stage, shown on a screen. @throws AbortError when the signal says so */
export class Story {
  readonly #stage: Stage;
  readonly #screen: Screen;
  readonly #signal: AbortSignal;
  readonly #pager: Pager | undefined;
  readonly #start = performance.now();
  #act = "";

  constructor(stage: Stage, screen: Screen, signal: AbortSignal) {
    this.#stage = stage;
    this.#screen = screen;
    this.#signal = signal;
    this.#pager = stage.stack && new Pager(stage.stack, screen);
  }

  /** Waits until every flow has been probed. */
  async begin(): Promise<void> {
    this.#stage.ping.count();
    await until(async () => this.#signal.aborted || (await this.#rows()).length === FLOWS, {
      limitMs: FIRST_PROBES_MS,
      what: "every flow is probed",
    });
  }

  /** Healthy, broken, healed. */
  async tell(acts: Acts): Promise<Findings> {
    const { lab, ping } = this.#stage;
    await this.#play("The network is healthy.", acts.healthyMs);

    const fault = await dropForward(lab, BROKEN);
    await lab.truth(BROKEN).reset();
    const broken = await this.#play(
      `${BROKEN} drops what it should forward; nothing else has changed.`,
      acts.brokenMs,
    );
    const failing = broken.filter((row) => !row.up);
    const truth = [...(await lab.truth(BROKEN).ports())];
    const told = await this.#told();

    await fault.heal();
    const healed = await this.#play(`${BROKEN} is healed.`, acts.healedMs);
    return {
      failing: failing.map((row) => row.sourcePort).sort((a, b) => a - b),
      truth: truth.sort((a, b) => a - b),
      lastHops: [...new Set(failing.map((row) => row.lastHop))],
      flows: broken.length,
      recovered: healed.every((row) => row.up && row.lastHop === VIP),
      ping: await ping.settled(),
      told,
    };
  }

  /** Shows what the network is like for a while. @returns what the exporter says of the target at the end */
  async scene(act: string, milliseconds: number): Promise<TargetAnswer> {
    await this.#play(act, milliseconds);
    return await this.#told();
  }

  async #play(act: string, milliseconds: number): Promise<readonly FlowRow[]> {
    this.#act = act;
    this.#screen.say(`\n${act}`);
    const end = performance.now() + Math.max(milliseconds, INTERVAL_MS);
    for (;;) {
      const rows = await this.#show();
      const left = end - performance.now();
      if (left <= 0) return rows;
      await sleep(Math.min(left, LOOK_EVERY_MS), undefined, { signal: this.#signal });
    }
  }

  async #show(): Promise<readonly FlowRow[]> {
    this.#signal.throwIfAborted();
    this.#pager?.look();
    const [rows, { verdict }] = await Promise.all([this.#rows(), this.#told()]);
    this.#screen.show({
      seconds: (performance.now() - this.#start) / 1000,
      act: this.#act,
      rows,
      verdict,
      ping: this.#stage.ping.count(),
      named: (address) => nameHop(this.#stage, address),
    });
    return rows;
  }

  async #rows(): Promise<FlowRow[]> {
    return flowRows(await this.#stage.daemon.metrics(), TARGET);
  }

  async #told(): Promise<TargetAnswer> {
    return (await this.#stage.daemon.target(TARGET)) as TargetAnswer;
  }
}

/** An address with the name of its router: `10.0.0.8 (r8)`. */
export function nameHop({ lab }: Pick<Stage, "lab">, address: string): string {
  for (const { name, address: own } of lab.topology.nodes.values()) {
    if (own === address) return `${address} (${name})`;
  }
  return address;
}
