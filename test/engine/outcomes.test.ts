import { expect, test } from "vitest";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { SimulatedExporter } from "../support/simulated-exporter.ts";
import { parallel } from "../support/simulated-routers.ts";

const TARGETS = 2;
/** So that flows move on while others fail. */
const STEPS_MS = { works: 30_000, fails: 20_000, moves: 10_000, heals: 50_000 } as const;

/** What the observers of an engine are told in a run with a fault and a rotation. @param atOnce whether somebody asks for answers after every turn */
function toldIn(atOnce: boolean) {
  const routers = parallel(4, 7, true);
  const exporter = new SimulatedExporter(routers, TARGETS);
  const { engine, targets } = exporter;
  const outcomes: string[] = [];
  const counts = new Map<string, number>();
  const events: string[] = [];
  const count = (what: string, probes: number, failures: number): void => {
    counts.set(what, (counts.get(what) ?? 0) + probes);
    counts.set(`${what} failed`, (counts.get(`${what} failed`) ?? 0) + failures);
  };
  const nameOf = ({ target, sourcePort }: ProbedFlow) => `${target.target.name} ${sourcePort}`;
  let kept = 0;
  engine.observe({
    onOutcome: (flow, { kind }, now) => void outcomes.push(`${nameOf(flow)} ${kind} ${now}`),
    onLastHop: (flow, hop, ...ended) => count(`${nameOf(flow)} hop ${hop}`, ...ended),
    onPath: (flow, path, ...ended) => count(`${nameOf(flow)} path ${path?.id}`, ...ended),
    onVerdict: ({ target }, { verdict, reason }) =>
      void events.push(`${target.name} ${verdict} ${reason}`),
    onChange: ({ target }, { event, message }) =>
      void events.push(`${target.name} ${event} ${message}`),
  });
  const turn = engine.turn.bind(engine);
  engine.turn = () => {
    turn();
    for (const target of targets) {
      if (atOnce) engine.tellAnswers(target);
      if (!target.answers.areNone) kept += 1;
    }
  };
  exporter.run(STEPS_MS.works);
  routers.faults.set("10.0.0.3", "drops after");
  exporter.run(STEPS_MS.fails);
  for (const target of targets) engine.prober.rotate(target);
  exporter.run(STEPS_MS.moves);
  routers.faults.clear();
  exporter.run(STEPS_MS.heals);
  for (const target of targets) engine.tellAnswers(target);
  const evidence = targets.map((target) => {
    const { evidence: own, windows } = engine.pathsOf(target);
    const rows = [...windows].map(([flow, { probes, failures, lastAt }]) => ({
      flow: nameOf(flow),
      probes,
      failures,
      lastAt,
    }));
    return { lastAt: own.lastAt, rows: rows.sort((a, b) => (a.flow < b.flow ? -1 : 1)) };
  });
  const counted = [...counts].map(([what, probes]) => `${what} ${probes}`).sort();
  return { kept, told: { outcomes: outcomes.sort(), counted, events, evidence } };
}

test("answers that are told several at a time are told as they would be one by one", () => {
  const [later, atOnce] = [toldIn(false), toldIn(true)];
  expect(atOnce.kept).toBe(0);
  expect(later.kept).toBeGreaterThan(1000);
  expect(later.told.events.length).toBeGreaterThan(3);
  expect(later.told).toEqual(atOnce.told);
}, 60_000);
