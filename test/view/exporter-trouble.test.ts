import { expect, test } from "vitest";
import { ExporterTrouble } from "../../src/view/exporter-trouble.ts";

test("the exporter's own trouble is an event when it begins and when it is over, not in between", () => {
  const counts = {
    probes_over_budget_recently: 0,
    probes_stalled_recently: 0,
    receive_drops_recently: 0,
  };
  const events: string[] = [];
  const trouble = new ExporterTrouble(
    { counts: () => counts },
    { add: (kind, target, message) => void events.push(`${kind} ${target} ${message}`) },
  );
  let now = 0;
  const look = () => {
    now += 5000;
    trouble.turn(now);
  };
  look();
  counts.receive_drops_recently = 3;
  look();
  counts.receive_drops_recently = 9;
  look();
  counts.receive_drops_recently = 0;
  look();
  look();
  expect(events).toEqual([
    "exporter null The kernel drops packets that are not read in time.",
    "exporter null The kernel dropped no packet for five minutes.",
  ]);
});
