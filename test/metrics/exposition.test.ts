import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { Exposition, type ExpositionFormat, render } from "../../src/metrics/exposition.ts";
import type { Exemplar, Family } from "../../src/metrics/family.ts";
import { parseExposition } from "../support/exposition-parser.ts";
import { fixedFamily } from "../support/fixed-family.ts";

async function written(families: readonly Family[], format: ExpositionFormat): Promise<string> {
  return (await render(families, format)).toString();
}

describe("formats", () => {
  const exemplar: Exemplar = {
    labels: 'source_port="61234"',
    value: 0.3,
    timestamp: 1_700_000_000.25,
  };
  const families = [
    fixedFamily(
      "a_total",
      "counter",
      [{ labels: 'x="1"', value: 3, exemplar }],
      'Says "hi"\nback\\slash.',
    ),
    fixedFamily("g", "gauge", [{ labels: "", value: Number.POSITIVE_INFINITY, exemplar }]),
    fixedFamily("h_seconds", "histogram", [
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
    expect(await written([fixedFamily("gone_total", "counter", [])], "text")).toBe("");
  });

  test.each([
    ["128 characters that take more bytes stay", `a="${"é".repeat(127)}"`, true],
    ["128 characters of which one is escaped stay", `a="${"x".repeat(126)}\\""`, true],
    ["128 characters outside the basic plane stay", `a="${"😀".repeat(127)}"`, true],
    ["129 characters go", `a="${"x".repeat(128)}"`, false],
    ["129 characters over two labels go", `a="${"x".repeat(64)}",b="${"y".repeat(63)}"`, false],
  ])("exemplars: %s", async (_name, labels, stays) => {
    const one = fixedFamily("c_total", "counter", [
      { labels: "", value: 1, exemplar: { labels, value: 1, timestamp: 1 } },
    ]);
    expect((await written([one], "openmetrics")).includes(" # {")).toBe(stays);
  });

  test("an exemplar whose time is unknown goes without one", async () => {
    const exemplarless = { labels: 'a="b"', value: 1, timestamp: Number.NaN };
    const one = fixedFamily("c_total", "counter", [
      { labels: "", value: 1, exemplar: exemplarless },
    ]);
    expect(await written([one], "openmetrics")).toContain('c_total 1 # {a="b"} 1\n');
  });
});

describe("rendering", () => {
  test("a family that throws halfway is left out whole and reported; the others are all there", async () => {
    const broken: Family = {
      ...fixedFamily("broken_total", "counter", []),
      collect(emit) {
        emit("", 1);
        throw new Error("no such table");
      },
    };
    const before = fixedFamily("before", "gauge", [{ labels: "", value: 1 }]);
    const after = fixedFamily("after", "gauge", [{ labels: "", value: 2 }]);
    const reported: string[] = [];
    const body = await render([before, broken, after], "text", {
      onError: (name, error) => reported.push(`${name}: ${String(error)}`),
    });
    expect(reported).toEqual(["broken_total: Error: no such table"]);
    expect(parseExposition(body.toString(), "text").map(({ name }) => name)).toEqual([
      "before",
      "after",
    ]);
  });

  test("a family is read at one moment, though it is written in many slices", async () => {
    let value = 0;
    const changing: Family = {
      ...fixedFamily("g", "gauge", []),
      collect(emit) {
        for (let i = 0; i < 10; i++) emit(`i="${i}"`, value);
      },
    };
    let pauses = 0;
    const body = await render([changing, changing], "text", {
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
    const big = fixedFamily(
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
      ...fixedFamily("reads_total", "counter", []),
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

  test("compressed it is the same text, and those who want it plain share nothing with those who do not", async () => {
    const many = fixedFamily(
      "g",
      "gauge",
      Array.from({ length: 5_000 }, (_, at) => ({ labels: `a="${at}"`, value: at })),
    );
    const exposition = new Exposition(() => Promise.resolve([many]));
    const [plain, one, other] = await Promise.all([
      exposition.render("text"),
      exposition.render("text", "gzip"),
      exposition.render("text", "gzip"),
    ]);
    expect(one).toBe(other);
    expect(one.length).toBeLessThan(plain.length / 3);
    expect(gunzipSync(one).equals(plain)).toBe(true);
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

describe("families in pieces", () => {
  const piece = (...values: number[]) => {
    return (emit: Parameters<Family["collect"]>[0]) => {
      for (const value of values) emit(`n="${value}"`, value);
    };
  };
  const inPieces = (...pieces: ReturnType<typeof piece>[]): Family => ({
    ...fixedFamily("g", "gauge", []),
    pieces: () => pieces,
  });

  test("are declared once, and not at all without a sample", async () => {
    const family = inPieces(piece(), piece(1, 2), piece(), piece(3));
    const body = await render([family], "text", { sliceSamples: 2 });
    expect(body.toString().match(/# TYPE/g)).toHaveLength(1);
    expect(body.toString()).toContain('g{n="1"} 1\ng{n="2"} 2\ng{n="3"} 3\n');
    expect(await written([inPieces(piece())], "text")).toBe("");
  });

  test("are told of where a piece throws, and the next family is written", async () => {
    const told: string[] = [];
    const broken = inPieces(piece(1), () => {
      throw new Error("no");
    });
    const body = await render(
      [broken, fixedFamily("z", "gauge", [{ labels: "", value: 7 }])],
      "text",
      {
        onError: (family) => told.push(family),
      },
    );
    expect(told).toEqual(["g"]);
    expect(body.toString()).toContain("z 7");
  });
});

test("what is compressed may take more bytes than characters, and any number of them", async () => {
  const family = fixedFamily("g", "gauge", [
    { labels: `x="${"€".repeat(200_000)}"`, value: 1 },
    { labels: `x="${"ü".repeat(300_000)}"`, value: 2 },
  ]);
  const options = { sliceSamples: 1, encoding: "gzip" } as const;
  const body = await render([family], "text", options);
  expect(gunzipSync(body).toString()).toBe(await written([family], "text"));
});
