import type { Localization } from "../localize/localize.ts";
import type { ProbedFlow } from "../probe/probed-flow.ts";
import { OnPath } from "../topology/hop-facts.ts";
import { HopsByTtl } from "../topology/hops-by-ttl.ts";
import type { RouterNames } from "../topology/router-names.ts";
import { Topology } from "../topology/topology.ts";
import { ControlSweeps } from "./control-sweeps.ts";
import { Evidence } from "./evidence.ts";
import type { FlowWindows } from "./flow-windows.ts";
import { Hysteresis } from "./hysteresis.ts";
import { OneWayLosses } from "./one-way-losses.ts";
import { ReportedFailures } from "./reported-failures.ts";
import { ToldPlaces } from "./told-places.ts";
import { UnsentFlows } from "./unsent-flows.ts";

/** A target's verdict is formed anew this often without news, milliseconds: windows slide, and a verdict waits to be found again. */
export const ASSESSED_EVERY_MS = 5000;

/** What is known of one target's paths. */
export class TargetPaths {
  readonly topology: Topology;
  readonly evidence: Evidence = new Evidence();
  /** Those of the evidence, which every probe is looked up in. */
  readonly windows: FlowWindows = this.evidence.windows;
  readonly hysteresis: Hysteresis = new Hysteresis();
  readonly onPath: OnPath = new OnPath();
  readonly oneWay: OneWayLosses<ProbedFlow> = new OneWayLosses();
  readonly hopsByTtl: HopsByTtl = new HopsByTtl();
  readonly controls: ControlSweeps = new ControlSweeps();
  readonly reported: ReportedFailures = new ReportedFailures();
  readonly unsent: UnsentFlows = new UnsentFlows();
  readonly told: ToldPlaces = new ToldPlaces();
  pathChanges = 0;
  /** Flows have moved: ways that were learnt before this time say nothing of where packets go now. */
  waysFrom: number = Number.NEGATIVE_INFINITY;
  /** Flow buckets that the width seen asks for; 0 while those configured do. */
  bucketsNeeded = 0;
  /** What the evidence said last, before hysteresis. */
  found: Localization | undefined;
  nextAt: number;
  /** When it was assessed last. */
  assessedAt: number = Number.NEGATIVE_INFINITY;

  constructor(now: number, routers?: RouterNames) {
    this.topology = new Topology(routers);
    this.nextAt = now + ASSESSED_EVERY_MS;
  }
}
