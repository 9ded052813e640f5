// Preloaded into the daemon under measurement: how late the timers of its main thread fire, which is where it probes, and
// how long that thread was on a processor between two of them, which is what the program itself is to blame for.
// SIGUSR2 prints both since the last SIGUSR2 as one line of JSON on standard output, milliseconds.
import { isMainThread } from "node:worker_threads";
import koffi from "koffi";

const TURN_MS = 5;

const CLOCK_THREAD_CPUTIME_ID = 3;
const gettime = koffi.load("libc.so.6").func("int clock_gettime(int, void *)");
const words = new Int32Array(4);

/** Time of this thread on a processor, milliseconds; the scheduler's own count moves by ticks of up to 4 ms while it runs. */
function ownTime() {
  gettime(CLOCK_THREAD_CPUTIME_ID, words);
  return words[0] * 1e3 + words[2] / 1e6;
}

function spread(values) {
  const sorted = Float64Array.from(values).sort();
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), worst: at(1) };
}

if (isMainThread) {
  let delays = [];
  let held = [];
  let last = performance.now();
  let lastOwn = ownTime();
  setInterval(() => {
    const now = performance.now();
    const own = ownTime();
    delays.push(Math.max(0, now - last - TURN_MS));
    held.push(own - lastOwn);
    last = now;
    lastOwn = own;
  }, TURN_MS);
  process.on("SIGUSR2", () => {
    const line = { turns: delays.length, delay: spread(delays), held: spread(held) };
    delays = [];
    held = [];
    process.stdout.write(`turn-delays ${JSON.stringify(line)}\n`);
  });
}
