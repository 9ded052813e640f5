import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { shorten } from "../lab/shorten.ts";

const CONFIG = fileURLToPath(new URL("../../config/", import.meta.url));

describe("shorten", () => {
  it("divides durations of keys, windows and offsets, and leaves names, labels and text alone", () => {
    const text = `
groups:
  - name: five-5m
    interval: 30s
    rules:
      - alert: A
        expr: t:x_per_y:ratio_rate5m > 0.5 and increase(x_total[2m]) >= 5 unless x_total offset 1d
        for: 1m
        labels: { window: 5m }
        annotations:
          description: waits 5m, {{ printf "rate(x{%s}[5m])" $s | query }}
`;
    expect(parse(shorten(text, 20))).toEqual({
      groups: [
        {
          name: "five-5m",
          interval: "1500ms",
          rules: [
            {
              alert: "A",
              expr: "t:x_per_y:ratio_rate5m > 0.5 and increase(x_total[6000ms]) >= 5 unless x_total offset 4320000ms",
              for: "3000ms",
              labels: { window: "5m" },
              annotations: {
                description: 'waits 5m, {{ printf "rate(x{%s}[15000ms])" $s | query }}',
              },
            },
          ],
        },
      ],
    });
  });

  it("changes nothing else: divided by one, the shipped files mean what they meant", () => {
    const rules = readdirSync(`${CONFIG}prometheus/rules`).map(
      (name) => `prometheus/rules/${name}`,
    );
    const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
    const inMs = (tree: unknown) =>
      JSON.stringify(tree).replace(
        /(?<=\[|offset |"(?:for|keep_firing_for|interval|\w+_interval|group_wait)":")(\d+)(ms|[smhd])/g,
        (_, number: string, unit: keyof typeof units) => `${Number(number) * units[unit]}ms`,
      );
    for (const file of [...rules, "prometheus/prometheus.yml", "alertmanager.yml"]) {
      const text = readFileSync(CONFIG + file, "utf8");
      expect(inMs(parse(shorten(text, 1))), file).toBe(inMs(parse(text)));
    }
  });

  it("refuses what is no duration", () => {
    expect(() => shorten("for: soon", 2)).toThrow('no duration: "soon"');
  });
});
