import { expect, test } from "vitest";
import { ControlSweeps } from "../../src/verdict/control-sweeps.ts";
import { makeFlow } from "../support/probed-flow.ts";

const WAY = ["10.0.0.1", null, "10.0.2.1"];

/** A flow that works, and its way to the destination. */
function working() {
  const flow = makeFlow();
  flow.state = "up";
  return { flow, way: [...WAY, flow.target.target.address.text] };
}

test("a hop that a healthy flow crosses is heard or silent, as its sweep was answered there or not", () => {
  const controls = new ControlSweeps();
  const { flow, way } = working();
  controls.add(flow, way, { seen: ["10.0.0.1"] }, 1000);
  controls.add(flow, way, { seen: ["10.0.0.1", null, "10.0.2.1"] }, 2000);
  expect(controls.since(0, 2000)).toEqual({
    "10.0.0.1": { heard: 2, silent: 0 },
    "10.0.2.1": { heard: 1, silent: 1 },
  });
});

test("what was not asked, or answered by another hop, says nothing", () => {
  const controls = new ControlSweeps();
  const { flow, way } = working();
  controls.add(flow, way, { seen: [null, null, "10.9.9.9"], from: 2 }, 1000);
  expect(controls.since(0, 1000)).toEqual({});
});

test("a flow that fails by the end of its sweep says nothing", () => {
  const controls = new ControlSweeps();
  const { flow, way } = working();
  flow.state = "failing";
  controls.add(flow, way, { seen: [] }, 1000);
  expect(controls.since(0, 1000)).toEqual({});
});

test("what was found before flows began to fail, or two minutes ago, no longer counts", () => {
  const controls = new ControlSweeps();
  const { flow, way } = working();
  controls.add(flow, way, { seen: ["10.0.0.1", null, "10.0.2.1"] }, 1000);
  expect(controls.since(1001, 1500)).toEqual({});
  expect(Object.keys(controls.since(0, 120_000))).toHaveLength(2);
  expect(controls.since(0, 121_001)).toEqual({});
});
