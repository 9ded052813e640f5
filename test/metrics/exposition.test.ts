import fc from "fast-check";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { Exposition, type ExpositionFormat, render } from "../../src/metrics/exposition.ts";
import { type Exemplar, type Family, renderLabels } from "../../src/metrics/family.ts";
import { adaptLibraryValues } from "../../src/metrics/process-metrics.ts";
import { parseExposition } from "../support/exposition-parser.ts";
import { printedSeed } from "../support/seed.ts";

interface Sample {
  readonly labels: string;
  readonly value: number;
  readonly suffix?: string;
  readonly exemplar?: Exemplar;
}

function family(
  name: string,
  type: Family["type"],
  samples: readonly Sample[],
  help = "Help.",
): Family {
  return {
    name,
    type,
    help,
    collect(emit) {
      for (const { labels, value, suffix, exemplar } of samples)
        emit(labels, value, suffix, exemplar);
    },
  };
}

async function written(families: readonly Family[], format: ExpositionFormat): Promise<string> {
  return (await render(families, format)).body.toString();
}

describe("formats", () => {
  const exemplar: Exemplar = {
    labels: 'source_port="61234"',
    value: 0.3,
    timestamp: 1_700_000_000.25,
  };
  const families = [
    family(
      "a_total",
      "counter",
      [{ labels: 'x="1"', value: 3, exemplar }],
      'Says "hi"\nback\\slash.',
    ),
    family("g", "gauge", [{ labels: "", value: Number.POSITIVE_INFINITY, exemplar }]),
    family("h_seconds", "histogram", [
      { labels: 'le="0.5"', value: 1, suffix: "_bucket", exemplar },
      { labels: 'le="+Inf"', value: 2, suffix: "_bucket" },
      { labels: "", value: Number.NaN, suffix: "_sum", exemplar },
      { labels: "", value: 2, suffix: "_count" },
    ]),
  ];

  test("the text format is written line by line as version 0.0.4 wants it, without exemplars", async () => {
    expect(await written(families, "text")).toBe(
      [
        '# HELP a_total Says "hi"\\nback\\\\slash.',
        "# TYPE a_total counter",
        'a_total{x="1"} 3',
        "# HELP g Help.",
        "# TYPE g gauge",
        "g +Inf",
        "# HELP h_seconds Help.",
        "# TYPE h_seconds histogram",
        'h_seconds_bucket{le="0.5"} 1',
        'h_seconds_bucket{le="+Inf"} 2',
        "h_seconds_sum NaN",
        "h_seconds_count 2",
        "",
      ].join("\n"),
    );
  });

  test("OpenMetrics declares counters without _total and puts exemplars on counters and buckets only", async () => {
    expect(await written(families, "openmetrics")).toBe(
      [
        '# HELP a Says \\"hi\\"\\nback\\\\slash.',
        "# TYPE a counter",
        'a_total{x="1"} 3 # {source_port="61234"} 0.3 1700000000.25',
        "# HELP g Help.",
        "# TYPE g gauge",
        "g +Inf",
        "# HELP h_seconds Help.",
        "# TYPE h_seconds histogram",
        'h_seconds_bucket{le="0.5"} 1 # {source_port="61234"} 0.3 1700000000.25',
        'h_seconds_bucket{le="+Inf"} 2',
        "h_seconds_sum NaN",
        "h_seconds_count 2",
        "# EOF",
        "",
      ].join("\n"),
    );
  });

  test("no families at all is an empty text and a lone # EOF", async () => {
    expect(await written([], "text")).toBe("");
    expect(await written([], "openmetrics")).toBe("# EOF\n");
  });

  test("a family without samples is not declared", async () => {
    expect(await written([family("gone_total", "counter", [])], "text")).toBe("");
  });

  test.each([
    ["128 characters that take more bytes stay", `a="${"é".repeat(127)}"`, true],
    ["128 characters of which one is escaped stay", `a="${"x".repeat(126)}\\""`, true],
    ["128 characters outside the basic plane stay", `a="${"😀".repeat(127)}"`, true],
    ["129 characters go", `a="${"x".repeat(128)}"`, false],
    ["129 characters over two labels go", `a="${"x".repeat(64)}",b="${"y".repeat(63)}"`, false],
  ])("exemplars: %s", async (_name, labels, stays) => {
    const one = family("c_total", "counter", [
      { labels: "", value: 1, exemplar: { labels, value: 1, timestamp: 1 } },
    ]);
    expect((await written([one], "openmetrics")).includes(" # {")).toBe(stays);
  });

  test("an exemplar whose time is unknown goes without one", async () => {
    const exemplarless = { labels: 'a="b"', value: 1, timestamp: Number.NaN };
    const one = family("c_total", "counter", [{ labels: "", value: 1, exemplar: exemplarless }]);
    expect(await written([one], "openmetrics")).toContain('c_total 1 # {a="b"} 1\n');
  });
});

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
          family(
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
          const parsed = parseExposition(rendered.body.toString(), format);
          expect(parsed.map(({ help, samples }) => ({ help, samples }))).toEqual(expected);
          expect(rendered.samples).toBe(
            expected.reduce((sum, { samples }) => sum + samples.length, 0),
          );
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
    const ours = parseExposition(await written(families, "text"), "text");
    // It separates families by empty lines, which ours does not.
    const theirs = (await library.metrics()).replace(/\n{2,}/g, "\n");
    expect(ours).toEqual(parseExposition(theirs, "text"));
    expect(ours.flatMap(({ samples }) => samples)).toHaveLength(8);
  });
});

describe("rendering", () => {
  test("a family that throws halfway is left out whole and reported; the others are all there", async () => {
    const broken: Family = {
      ...family("broken_total", "counter", []),
      collect(emit) {
        emit("", 1);
        throw new Error("no such table");
      },
    };
    const before = family("before", "gauge", [{ labels: "", value: 1 }]);
    const after = family("after", "gauge", [{ labels: "", value: 2 }]);
    const reported: string[] = [];
    const { body, samples } = await render([before, broken, after], "text", {
      onError: (name, error) => reported.push(`${name}: ${String(error)}`),
    });
    expect(reported).toEqual(["broken_total: Error: no such table"]);
    expect(samples).toBe(2);
    expect(parseExposition(body.toString(), "text").map(({ name }) => name)).toEqual([
      "before",
      "after",
    ]);
  });

  test("a family is read at one moment, though it is written in many slices", async () => {
    let value = 0;
    const changing: Family = {
      ...family("g", "gauge", []),
      collect(emit) {
        for (let i = 0; i < 10; i++) emit(`i="${i}"`, value);
      },
    };
    let pauses = 0;
    const { body } = await render([changing, changing], "text", {
      sliceSamples: 4,
      async pause() {
        pauses += 1;
        value += 1;
        await Promise.resolve();
      },
    });
    const values = body
      .toString()
      .split("\n")
      .filter((line) => line.startsWith("g{"))
      .map((line) => line.split(" ")[1]);
    expect(values.slice(0, 10)).toEqual(Array(10).fill("0"));
    // The second family is begun within the third slice, after two pauses.
    expect(values.slice(10)).toEqual(Array(10).fill("2"));
    expect(pauses).toBe(5);
  });

  test("other work gets its turn between slices", async () => {
    const big = family(
      "g",
      "gauge",
      Array.from({ length: 5_000 }, (_, i) => ({ labels: `i="${i}"`, value: i })),
    );
    let turns = 0;
    let rendering = true;
    const turn = (): void => {
      turns += 1;
      if (rendering) setImmediate(turn);
    };
    setImmediate(turn);
    await render([big], "text");
    rendering = false;
    expect(turns).toBeGreaterThanOrEqual(5);
  });
});

describe("Exposition", () => {
  test("scrapes of one format that overlap share a rendering; the other format gets its own; later ones are fresh", async () => {
    let reads = 0;
    const counting: Family = {
      ...family("reads_total", "counter", []),
      collect(emit) {
        reads += 1;
        emit("", reads);
      },
    };
    const exposition = new Exposition(() => Promise.resolve([counting]));
    const [a, b, c] = await Promise.all([
      exposition.render("text"),
      exposition.render("text"),
      exposition.render("openmetrics"),
    ]);
    expect(a).toBe(b);
    expect(a.toString()).toContain("reads_total 1\n");
    expect(c.toString()).toContain("# TYPE reads counter\nreads_total 2\n# EOF\n");
    expect((await exposition.render("text")).toString()).toContain("reads_total 3\n");
  });

  test("the number of samples is that of the rendering finished last", async () => {
    const exposition = new Exposition(() =>
      Promise.resolve([
        family("g", "gauge", [
          { labels: 'a="1"', value: 1 },
          { labels: 'a="2"', value: 1 },
        ]),
      ]),
    );
    expect(exposition.samples).toBe(0);
    await exposition.render("text");
    expect(exposition.samples).toBe(2);
  });

  test("a failure to gather reaches its caller and does not stick", async () => {
    let fails = true;
    const exposition = new Exposition(() =>
      fails ? Promise.reject(new Error("not yet")) : Promise.resolve([]),
    );
    await expect(exposition.render("text")).rejects.toThrow("not yet");
    fails = false;
    expect((await exposition.render("text")).toString()).toBe("");
  });
});
