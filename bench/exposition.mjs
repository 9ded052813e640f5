// Time to write an exposition, and the longest time it keeps the event loop from other work, beside the client
// library's own rendering of the same series. Run `npm run build` first, then `node bench/exposition.mjs`.
import { performance } from "node:perf_hooks";
import { Counter, Registry } from "prom-client";
import { render } from "../dist/metrics/exposition.js";
import { renderLabels } from "../dist/metrics/family.js";

const ROUNDS = 5;

/** Five labels a series, as long as real ones; spread over ten families. */
function labelSets(series) {
  return Array.from({ length: series }, (_, i) => ({
    target: `mysql-vip-${i % 100}`,
    protocol: "tcp",
    flow_bucket: Math.floor(i / 100) % 64,
    last_hop: `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`,
    site: "fra1",
  }));
}

/** Runs something and watches the event loop meanwhile: milliseconds in all, and between two of its turns at most. */
async function watched(work) {
  let longest = 0;
  let last = performance.now();
  let running = true;
  const turn = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  const start = performance.now();
  const bytes = await work();
  const total = performance.now() - start;
  await new Promise((resolve) => setImmediate(resolve));
  running = false;
  return { total, longest, bytes };
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

async function measure(name, work) {
  await work();
  const runs = [];
  for (let i = 0; i < ROUNDS; i++) runs.push(await watched(work));
  const total = median(runs.map((run) => run.total));
  const hold = median(runs.map((run) => run.longest));
  const megabytes = (runs[0].bytes / 1e6).toFixed(1);
  console.log(
    `${name.padEnd(34)} ${total.toFixed(1).padStart(8)} ms ${hold.toFixed(1).padStart(8)} ms hold ${megabytes.padStart(6)} MB`,
  );
  return { total, hold };
}

for (const series of [10_000, 100_000]) {
  const sets = labelSets(series);
  const texts = sets.map(renderLabels);
  const values = Float64Array.from(sets, (_, i) => i * 1.5);
  const families = Array.from({ length: 10 }, (_, f) => ({
    name: `ecmp_bench_${f}_total`,
    type: "counter",
    help: "Bench.",
    collect(emit) {
      for (let i = f; i < series; i += 10) emit(texts[i], values[i]);
    },
  }));
  const one = [
    {
      ...families[0],
      collect(emit) {
        for (let i = 0; i < series; i++) emit(texts[i], values[i]);
      },
    },
  ];
  const registry = new Registry();
  const counters = families.map(
    ({ name }) =>
      new Counter({
        name,
        help: "Bench.",
        labelNames: Object.keys(sets[0]),
        registers: [registry],
      }),
  );
  for (const [i, labels] of sets.entries()) counters[i % 10].inc(labels, values[i]);

  const text = await measure(
    `${series} series, text`,
    async () => (await render(families, "text")).length,
  );
  await measure(
    `${series} series, OpenMetrics`,
    async () => (await render(families, "openmetrics")).length,
  );
  await measure(
    `${series} series in one family, text`,
    async () => (await render(one, "text")).length,
  );
  const library = await measure(
    `${series} series, client library`,
    async () => (await registry.metrics()).length,
  );
  console.log(
    `ratio to the client library: ${(text.total / library.total).toFixed(2)} of its time, ${(text.hold / library.hold).toFixed(3)} of its hold\n`,
  );
}
