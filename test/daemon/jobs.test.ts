import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Jobs } from "../../src/daemon/jobs.ts";
import { createLog, silentLog } from "../../src/log.ts";
import { ProberRig } from "../support/prober-rig.ts";
import { makeTarget } from "../support/target.ts";

const SURVEY = "15 * * * * *";
const EVERY_TEN = "*/10 * * * * *";
const EVERY_MINUTE = "0 * * * * *";
const NEVER = "0 0 0 29 2 *";

/** Three targets: two rotate every ten seconds, one every minute. Everything that happens is written down with its second. */
function makeJobs() {
  const rig = new ProberRig(() => []);
  const probed = [
    rig.add(makeTarget({ name: "a", port: 1, rotation: EVERY_TEN })),
    rig.add(makeTarget({ name: "b", port: 2, rotation: EVERY_MINUTE })),
    rig.add(makeTarget({ name: "c", port: 3, rotation: EVERY_TEN })),
  ];
  const events: string[] = [];
  const spreads: number[] = [];
  const note = (what: string): void =>
    void events.push(`${new Date().getUTCMinutes()}:${new Date().getUTCSeconds()} ${what}`);
  const targets = {
    probed: () => probed,
    rotate: ({ target }: (typeof probed)[number], spreadMs: number) => {
      spreads.push(Math.round(spreadMs / 1000));
      note(`rotate ${target.name}`);
    },
    survey: ({ target }: (typeof probed)[number]) => note(`survey ${target.name}`),
    onRotated: () => undefined,
    beforeRotation: () => note("before"),
    refresh: () => note("refresh"),
  };
  return { targets, events, probed, spreads };
}

describe("the coarse jobs", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: new Date("2026-01-01T00:00:00.500Z") });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("run each at its own times: a rotation once an expression, over the targets that have it", async () => {
    const { targets, events } = makeJobs();
    const jobs = new Jobs(targets, silentLog);
    jobs.start(SURVEY, [EVERY_TEN, EVERY_MINUTE, EVERY_TEN]);
    await vi.advanceTimersByTimeAsync(31_000);
    jobs.stop();
    const tens = (time: string) => [`${time} before`, `${time} rotate a`, `${time} rotate c`];
    expect(events.filter((event) => !event.startsWith("0:30"))).toEqual([
      ...tens("0:10"),
      "0:15 survey a",
      "0:15 survey b",
      "0:15 survey c",
      ...tens("0:20"),
    ]);
    // At the same second two jobs run in no promised order.
    const half = events.filter((event) => event.startsWith("0:30"));
    expect(half).toHaveLength(4);
    expect(new Set(half)).toEqual(new Set(["0:30 refresh", ...tens("0:30")]));
  });

  it("let flows move on one after the other for a quarter of the time until the next rotation, five minutes at most", async () => {
    const spreadFor = async (rotation: string) => {
      const { targets, spreads } = makeJobs();
      const probed = [new ProberRig(() => []).add(makeTarget({ rotation }))];
      const jobs = new Jobs({ ...targets, probed: () => probed }, silentLog);
      jobs.start(NEVER, [rotation]);
      await vi.advanceTimersByTimeAsync(3_600_000);
      jobs.stop();
      return [...new Set(spreads)];
    };
    expect(await spreadFor(EVERY_TEN)).toEqual([0]);
    expect(await spreadFor(EVERY_MINUTE)).toEqual([0]);
    expect(await spreadFor("0 */10 * * * *")).toEqual([150]);
    expect(await spreadFor("0 0 * * * *")).toEqual([300]);
  });

  it("end when they are stopped", async () => {
    const { targets, events } = makeJobs();
    const jobs = new Jobs(targets, silentLog);
    jobs.start(SURVEY, [EVERY_TEN]);
    jobs.stop();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(events).toEqual([]);
  });

  it("change with their expressions, and the old ones run no more", async () => {
    const { targets, events } = makeJobs();
    const jobs = new Jobs(targets, silentLog);
    jobs.start(SURVEY, [EVERY_TEN]);
    jobs.start(NEVER, [EVERY_MINUTE]);
    await vi.advanceTimersByTimeAsync(60_000);
    jobs.stop();
    expect(events.filter((event) => !event.endsWith("refresh"))).toEqual([
      "1:0 before",
      "1:0 rotate b",
    ]);
  });

  it("are the same jobs still when nothing about them has changed, and run once", async () => {
    const { targets, events } = makeJobs();
    const jobs = new Jobs(targets, silentLog);
    jobs.start(SURVEY, [EVERY_TEN, EVERY_MINUTE]);
    jobs.start(SURVEY, [EVERY_MINUTE, EVERY_TEN, EVERY_TEN]);
    await vi.advanceTimersByTimeAsync(10_000);
    jobs.stop();
    expect(events).toEqual(["0:10 before", "0:10 rotate a", "0:10 rotate c"]);
  });

  it("start again after a stop", async () => {
    const { targets, events } = makeJobs();
    const jobs = new Jobs(targets, silentLog);
    jobs.start(NEVER, [EVERY_TEN]);
    jobs.stop();
    jobs.start(NEVER, [EVERY_TEN]);
    await vi.advanceTimersByTimeAsync(10_000);
    jobs.stop();
    expect(events).toEqual(["0:10 before", "0:10 rotate a", "0:10 rotate c"]);
  });

  it("tell in the log what one of them threw, and go on", async () => {
    const { targets, events, probed } = makeJobs();
    const lines: string[] = [];
    const clock = { monotonic: () => 0, wall: () => 0 };
    const write = (line: string): void => void lines.push(line);
    const log = createLog({ level: "error", format: "logfmt", clock, write });
    const rotate = vi.fn(() => {
      throw new Error("no ring");
    });
    const jobs = new Jobs({ ...targets, rotate }, log);
    jobs.start(SURVEY, [EVERY_TEN]);
    await vi.advanceTimersByTimeAsync(20_000);
    jobs.stop();
    expect(rotate).toHaveBeenCalledTimes(2);
    expect(events.filter((event) => event.includes("survey"))).toHaveLength(probed.length);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain('msg="a scheduled job failed"');
    expect(lines[0]).toContain("no ring");
  });
});
