import { describe, expect, it } from "vitest";
import { createLog, LOG_LEVELS, type LogFormat, type LogLevel, silentLog } from "../src/log.ts";
import { FakeClock } from "./support/fake-clock.ts";

function makeLog(format: LogFormat, level: LogLevel = "debug") {
  const lines: string[] = [];
  const clock = new FakeClock(0, Date.UTC(2026, 0, 2, 3, 4, 5, 678));
  const write = (line: string): void => void lines.push(line);
  return { lines, log: createLog({ level, format, clock, write }) };
}

describe("a log", () => {
  it("writes logfmt with time, level and message first, quoting what needs it", () => {
    const { lines, log } = makeLog("logfmt");
    log.warn("two words", {
      plain: "a/b:1",
      spaced: "a b",
      quote: 'say "no"',
      equals: "a=b",
      newline: "a\nb",
      empty: "",
      count: 3,
      on: true,
      absent: undefined,
    });
    expect(lines).toEqual([
      'ts=2026-01-02T03:04:05.678Z level=warn msg="two words" plain=a/b:1 spaced="a b" ' +
        'quote="say \\"no\\"" equals="a=b" newline="a\\nb" empty="" count=3 on=true\n',
    ]);
  });

  it("writes one JSON object a line", () => {
    const { lines, log } = makeLog("json");
    log.error("broken\nline", { code: 7, absent: undefined });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.indexOf("\n")).toBe((lines[0]?.length ?? 0) - 1);
    const { ts, level, msg, ...rest } = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
    expect([ts, level, msg]).toEqual(["2026-01-02T03:04:05.678Z", "error", "broken\nline"]);
    expect(rest).toEqual({ code: 7 });
  });

  it.each(LOG_LEVELS)("of level %s leaves out what is below it", (level) => {
    const { lines, log } = makeLog("logfmt", level);
    for (const each of LOG_LEVELS) log[each]("said");
    const levels = lines.map((line) => /level=(\w+)/.exec(line)?.[1]);
    expect(levels).toEqual(LOG_LEVELS.slice(LOG_LEVELS.indexOf(level)));
  });

  it("that is silent takes every level", () => {
    for (const each of LOG_LEVELS) expect(silentLog[each]("unheard")).toBeUndefined();
  });
});
