import fc from "fast-check";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { render } from "../../src/metrics/exposition.ts";
import { renderLabels } from "../../src/metrics/family.ts";
import { adaptLibraryValues } from "../../src/metrics/process-metrics.ts";
import { parseExposition } from "../support/exposition-parser.ts";
import { fixedFamily } from "../support/fixed-family.ts";
import { printedSeed } from "../support/seed.ts";

const labelsOf = fc.dictionary(
  fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/),
  fc.string({ unit: "binary", maxLength: 12 }),
  { maxKeys: 4 },
);
const sampleOf = fc.record({ labels: labelsOf, value: fc.double() });
const familiesOf = fc.uniqueArray(
  fc.record({
    name: fc
      .stringMatching(/^[a-z][a-z0-9_]{0,10}[a-z]$/)
      .filter((name) => !name.endsWith("_total")),
    counter: fc.boolean(),
    help: fc.string({ unit: "binary", maxLength: 30 }).filter((help) => !help.includes("\r")),
    samples: fc.array(sampleOf, { maxLength: 30 }),
  }),
  { selector: ({ name }) => name, maxLength: 6 },
);

describe("both formats", () => {
  test("hold the same samples, which are the ones that went in, whatever the size of the slices", async () => {
    const seed = printedSeed("exposition formats");
    const property = fc.asyncProperty(
      familiesOf,
      fc.integer({ min: 1, max: 20 }),
      async (specs, slice) => {
        const families = specs.map((spec) =>
          fixedFamily(
            spec.counter ? `${spec.name}_total` : spec.name,
            spec.counter ? "counter" : "gauge",
            spec.samples.map(({ labels, value }) => ({ labels: renderLabels(labels), value })),
            spec.help,
          ),
        );
        const options = { sliceSamples: slice };
        const text = await render(families, "text", options);
        const openMetrics = await render(families, "openmetrics", options);
        const expected = specs
          .filter(({ samples }) => samples.length > 0)
          .map((spec) => ({
            help: spec.help,
            samples: spec.samples.map((sample) => ({
              name: spec.counter ? `${spec.name}_total` : spec.name,
              labels: { ...sample.labels },
              // The formats know one zero.
              value: sample.value === 0 ? 0 : sample.value,
              exemplar: undefined,
            })),
          }));
        for (const [rendered, format] of [
          [text, "text"],
          [openMetrics, "openmetrics"],
        ] as const) {
          const parsed = parseExposition(rendered.toString(), format);
          expect(parsed.map(({ help, samples }) => ({ help, samples }))).toEqual(expected);
        }
      },
    );
    await fc.assert(property, { seed, numRuns: 200 });
  });

  test("the text agrees with the client library's own about counters, gauges and histograms", async () => {
    const library = new Registry();
    const registers = [library];
    const counter = new Counter({
      name: "c_total",
      help: "Counts.",
      labelNames: ["a", "b"],
      registers,
    });
    counter.inc({ a: "x,y:z", b: 'q"uo\\te\n' }, 2.5);
    counter.inc({ a: "fe80::1", b: "" }, 1e21);
    const gauge = new Gauge({ name: "g", help: "Level.", registers });
    gauge.set(-0.000_000_1);
    const histogram = new Histogram({
      name: "h_seconds",
      help: "Times.",
      labelNames: ["k"],
      buckets: [0.1, 2.5],
      registers,
    });
    for (const value of [0.05, 0.1, 1, 7]) histogram.observe({ k: "v" }, value);
    const families = [];
    for (const metric of [counter, gauge, histogram]) {
      const adapted = adaptLibraryValues(await metric.get());
      if (adapted !== undefined) families.push(adapted);
    }
    const ours = parseExposition((await render(families, "text")).toString(), "text");
    // It separates families by empty lines, which ours does not.
    const theirs = (await library.metrics()).replace(/\n{2,}/g, "\n");
    expect(ours).toEqual(parseExposition(theirs, "text"));
    expect(ours.flatMap(({ samples }) => samples)).toHaveLength(8);
  });
});
