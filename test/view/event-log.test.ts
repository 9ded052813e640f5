import { expect, test } from "vitest";
import { EventLog } from "../../src/view/event-log.ts";
import { makeProbed } from "../support/probed-flow.ts";

test("events come in their order behind the one that was seen last, those of a target with the exporter's own", () => {
  let now = 1000;
  const log = new EventLog(() => now);
  log.add("verdict", "a", "path_fault: 1 of 8 flows fails.");
  now = 2000;
  log.add("path_change", "b", "1 flow takes another path than before.");
  log.add("reload", null, "The configuration was reloaded.");
  expect(log.since(0).map(({ id, kind }) => [id, kind])).toEqual([
    [1, "verdict"],
    [2, "path_change"],
    [3, "reload"],
  ]);
  expect(log.since(1)[0]).toEqual({
    id: 2,
    time: 2000,
    kind: "path_change",
    target: "b",
    message: "1 flow takes another path than before.",
  });
  expect(log.since(0, "a").map(({ id }) => id)).toEqual([1, 3]);
  expect(log.since(3)).toEqual([]);
  expect(log.last).toBe(3);
});

test("a thousand of the rare and of the frequent are kept, so that rotations push out no fault", () => {
  const log = new EventLog(() => 0);
  log.add("verdict", "a", "first");
  for (let i = 0; i < 3000; i += 1) log.add("rotation", "a", "");
  expect(log.since(0)).toHaveLength(1001);
  expect(log.since(0)[0]?.message).toBe("first");
  for (let i = 0; i < 3000; i += 1) log.add("healed", "a", "");
  expect(log.since(0)).toHaveLength(2000);
});

test("changes of targets are written down as the engine tells them", () => {
  const log = new EventLog(() => 7);
  log.onChange(makeProbed({ to: "192.0.2.10", name: "vip" }), {
    event: "healed",
    message: "The fault is over.",
  });
  expect(log.since(0)).toEqual([
    { id: 1, time: 7, kind: "healed", target: "vip", message: "The fault is over." },
  ]);
});
