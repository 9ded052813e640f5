import { describe, expect, test } from "vitest";
import { render } from "../../src/metrics/exposition.ts";
import type { Emit, Exemplar } from "../../src/metrics/family.ts";
import {
  type SampleBatch,
  type SamplePart,
  SampleReading,
} from "../../src/metrics/sample-reading.ts";
import { SampleStore } from "../../src/metrics/sample-store.ts";

const HEADS = [
  { name: "a_total", type: "counter", help: "A." },
  { name: "b_seconds", type: "histogram", help: "B." },
] as const;

type Sample = readonly [labels: string, value: number, suffix?: string, exemplar?: Exemplar];

/** A part whose samples of each family are under the test's hand. */
class Part implements SamplePart {
  readonly key: object = this;
  readonly families = HEADS;
  readonly samples: (Sample[] | Error)[];

  constructor(...samples: (Sample[] | Error)[]) {
    this.samples = samples;
  }

  collect(index: number, emit: Emit): void {
    const samples = this.samples[index] ?? [];
    if (samples instanceof Error) {
      emit("half", 1);
      throw samples;
    }
    for (const sample of samples) emit(...sample);
  }
}

/** Two threads that exchange what structured cloning lets through. */
class Threads {
  readonly failed: string[] = [];
  readonly reading = new SampleReading((family) => this.failed.push(family));
  readonly store = new SampleStore();
  last: SampleBatch | undefined;

  hand(...parts: Part[]): void {
    for (const part of parts) this.reading.read(part);
    this.last = structuredClone(this.reading.take());
    this.store.add(this.last);
  }

  async text(format: "text" | "openmetrics" = "text"): Promise<string[]> {
    const body = await render(this.store.finish(), format);
    return body
      .toString()
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("# H"));
  }
}

describe("samples that one thread reads and another shows", () => {
  test("are shown by family, the parts in the order in which they were read", async () => {
    const threads = new Threads();
    const one = new Part([['t="1"', 1]], [['t="1"', 5, "_count"]]);
    const two = new Part([['t="2"', 2]]);
    threads.hand(one);
    threads.hand(two);
    expect(await threads.text()).toEqual([
      "# TYPE a_total counter",
      'a_total{t="1"} 1',
      'a_total{t="2"} 2',
      "# TYPE b_seconds histogram",
      'b_seconds_count{t="1"} 5',
    ]);
    threads.hand(two, one);
    expect((await threads.text()).slice(1, 3)).toEqual(['a_total{t="2"} 2', 'a_total{t="1"} 1']);
  });

  test("hand over texts once, and again only where they have changed", async () => {
    const threads = new Threads();
    const [one, two] = [new Part([['t="1"', 1]]), new Part([['t="2"', 2]])];
    threads.hand(one, two);
    expect(threads.last?.layouts.size).toBe(2);
    await threads.text();

    one.samples[0] = [['t="1"', 11]];
    threads.hand(one, two);
    expect(threads.last?.layouts.size).toBe(0);
    expect(threads.last?.heads).toEqual([]);
    expect((await threads.text()).slice(1)).toEqual(['a_total{t="1"} 11', 'a_total{t="2"} 2']);

    two.samples[0] = [
      ['t="2"', 2],
      ['t="2",x="y"', 3],
    ];
    threads.hand(one, two);
    expect([...(threads.last?.layouts.keys() ?? [])]).toEqual([1]);
    expect((await threads.text()).at(-1)).toBe('a_total{t="2",x="y"} 3');
  });

  test("a sample that goes to another family is seen as a change", async () => {
    const threads = new Threads();
    const part = new Part([["", 1]], []);
    threads.hand(part);
    await threads.text();
    part.samples.splice(0, 2, [], [["", 1, "_sum"]]);
    threads.hand(part);
    expect((await threads.text()).at(-1)).toBe("b_seconds_sum 1");
  });

  test("what is not read any more is forgotten; what comes back is shown again", async () => {
    const threads = new Threads();
    const [one, two] = [new Part([['t="1"', 1]]), new Part([['t="2"', 2]])];
    threads.hand(one, two);
    await threads.text();
    threads.hand(two);
    expect((await threads.text()).slice(1)).toEqual(['a_total{t="2"} 2']);
    const again = new Part([['t="1"', 1]]);
    threads.hand(again, two);
    expect((await threads.text()).slice(1)).toEqual(['a_total{t="1"} 1', 'a_total{t="2"} 2']);
  });

  test("exemplars reach the sample that they belong to", async () => {
    const exemplar = { labels: 'source_port="61234"', value: 0.5, timestamp: 7 };
    const bucket: Sample = ['t="2",le="1.0"', 3, "_bucket", exemplar];
    const threads = new Threads();
    threads.hand(new Part([['t="1"', 1]]), new Part([['t="2"', 2]], [bucket]));
    const found = (await threads.text("openmetrics")).filter((line) => line.includes(" # "));
    expect(found).toEqual(['b_seconds_bucket{t="2",le="1.0"} 3 # {source_port="61234"} 0.5 7']);
  });

  test("a family that throws is left out of its part, whole, and said", async () => {
    const threads = new Threads();
    threads.hand(new Part(new Error("broken"), [["", 1, "_sum"]]), new Part([['t="2"', 2]]));
    expect(threads.failed).toEqual(["a_total"]);
    expect((await threads.text()).filter((line) => !line.startsWith("#"))).toEqual([
      'a_total{t="2"} 2',
      "b_seconds_sum 1",
    ]);
  });

  test("a reading that came to no end leaves the next one whole", async () => {
    const threads = new Threads();
    const [one, two] = [new Part([['t="1"', 1]]), new Part([['t="2"', 2]])];
    threads.hand(one);
    threads.store.abandon();
    threads.hand(two, one);
    expect((await threads.text()).slice(1)).toEqual(['a_total{t="2"} 2', 'a_total{t="1"} 1']);
  });

  test("more samples than there was room for are all handed over", async () => {
    const threads = new Threads();
    const many = Array.from({ length: 10_000 }, (_, i): Sample => [`i="${i}"`, i]);
    threads.hand(new Part(many));
    expect((await threads.text()).at(-1)).toBe('a_total{i="9999"} 9999');
  });
});
