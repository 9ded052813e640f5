import { seeded } from "./random.ts";
import { SimulatedExporter } from "./simulated-exporter.ts";
import { drawTwoWayCase, type TwoWayFaultName } from "./two-way-case.ts";
import { judgeTwoWay } from "./two-way-judge.ts";
import type { Crossing } from "./two-way-network.ts";

/** What is drawn and for how long it is watched. */
export interface TwoWayWatch {
  readonly seed: number;
  readonly fault: TwoWayFaultName;
  readonly learnMs: number;
  readonly targets: number;
  readonly seconds: number;
}

/** What one target told, looked at once a second. */
export interface TwoWayTally {
  /** The network, the fault and the target. */
  readonly text: string;
  /** The second of the first look at which the one suspect was right; undefined where none was. */
  first?: number;
  /** Looks at which it was. */
  right: number;
  /** Those of them among the last twenty. */
  rightAtLast: number;
  /** Looks at which somebody innocent was named, and those with a confidence of 0.9 and more. */
  wrong: number;
  sure: number;
  /** What was named so, as often as it was. */
  readonly named: Map<string, number>;
  /** Current flows that cross what is broken, there or back. */
  hit: number;
}

const SURE = 0.9;
const LAST = 20;

/** Runs a whole engine on a drawn network with ways back, breaks something and looks once a second. The same plan shows the same. */
export function watchTwoWay({
  seed,
  fault: kind,
  learnMs,
  targets,
  seconds,
}: TwoWayWatch): TwoWayTally[] {
  // Of numbers that follow each other this generator begins alike.
  const random = seeded(seed * 7919 + 13);
  for (let n = 0; n < 5; n += 1) random.next();
  const drawn = drawTwoWayCase(random, kind);
  const { network, fault } = drawn;
  const exporter = new SimulatedExporter(network, targets);
  if (learnMs > 0) exporter.run(learnMs + random.between(0, 9999));
  network.impairments.push(...fault.impairments);
  const tallies = exporter.targets.map(
    (target): TwoWayTally => ({
      text: `${kind} ${fault.loss}, ${drawn.text}, ${target.target.name}, seed ${seed}`,
      ...{ right: 0, rightAtLast: 0, wrong: 0, sure: 0, named: new Map(), hit: 0 },
    }),
  );
  for (let second = 1; second <= seconds; second += 1) {
    exporter.run(1000);
    for (const [at, target] of exporter.targets.entries()) {
      const tally = tallies[at];
      if (tally === undefined) continue;
      const to = target.target.address.text;
      const ports = target.flows.flatMap((flow) => flow?.sourcePort ?? []);
      const { suspects } = exporter.engine.pathsOf(target).hysteresis.standing;
      const judged = suspects.map((suspect) => judgeTwoWay(drawn, suspect, ports, to));
      if (judged.length === 1 && judged[0] === "right") {
        tally.first ??= second;
        tally.right += 1;
        if (second > seconds - LAST) tally.rightAtLast += 1;
      }
      const innocent = suspects.filter((_, i) => judged[i] === "wrong" || judged[i] === "side");
      for (const { place, from, to: far } of innocent) {
        const name = `${place} ${from} > ${far}`;
        tally.named.set(name, (tally.named.get(name) ?? 0) + 1);
      }
      if (innocent.length > 0) tally.wrong += 1;
      if (innocent.some(({ confidence }) => confidence >= SURE)) tally.sure += 1;
    }
  }
  const isBroken = ({ node, cable }: Crossing): boolean =>
    fault.impairments.some(
      (one) =>
        ("router" in one && one.router === node) || (one.kind === "cable" && one.cable === cable),
    );
  for (const [at, { flows, target }] of exporter.targets.entries()) {
    const to = target.address.text;
    const hit = flows.filter(
      (flow) =>
        flow !== undefined &&
        [...network.way(flow.sourcePort, to), ...network.wayBack(flow.sourcePort, to)].some(
          isBroken,
        ),
    );
    (tallies[at] as TwoWayTally).hit = hit.length;
  }
  return tallies;
}
