import { describe, expect, it } from "vitest";
import { OverlapWarning, portRanges } from "../../src/daemon/source-ports.ts";
import { createLog } from "../../src/log.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { loadConfig } from "../support/load-config.ts";
import { makeTarget } from "../support/target.ts";

describe("the ranges of source ports", () => {
  it("are every target's and the defaults', each once", async () => {
    const config = await loadConfig({ file: "config/ecmp-exporter.yml", env: {} });
    const specs = [
      makeTarget(),
      makeTarget({ sourcePorts: { first: 50_000, last: 50_999 } }),
      makeTarget({ sourcePorts: { first: 50_000, last: 50_999 } }),
    ];
    expect(portRanges({ config, specs })).toEqual([
      { first: 61_000, last: 65_535 },
      { first: 50_000, last: 50_999 },
    ]);
    expect(portRanges({ config, specs: [] })).toEqual([{ first: 61_000, last: 65_535 }]);
  });

  it.each([
    ["61000-65535", [{ first: 61_000, last: 65_535 }], []],
    ["1024-32767", [{ first: 1024, last: 32_767 }], []],
    ["1024-32768", [{ first: 1024, last: 32_768 }], ["1024-32768"]],
    ["60999-61000", [{ first: 60_999, last: 61_000 }], ["60999-61000"]],
    ["40000-40001", [{ first: 40_000, last: 40_001 }], ["40000-40001"]],
    ["1-65535", [{ first: 1, last: 65_535 }], ["1-65535"]],
  ])("that overlap the kernel's are warned about once: %s", (_, ranges, warned) => {
    const lines: string[] = [];
    const log = createLog({
      level: "debug",
      format: "json",
      clock: new FakeClock(),
      write: (line) => lines.push(line),
    });
    const warning = new OverlapWarning(log);
    // As after a reload, or when a target file has changed.
    for (let time = 0; time < 2; time += 1) warning.look(ranges, { first: 32_768, last: 60_999 });
    const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(told.map(({ level, source_ports }) => [level, source_ports])).toEqual(
      warned.map((range) => ["warn", range]),
    );
    for (const line of told) expect(line["ip_local_port_range"]).toBe("32768-60999");
  });
});
