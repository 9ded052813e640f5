//                ┌─ a1 ──┬─ b1 ──┐
//  client ── r1 ─┼─ a2 ──╳─ b2 ──┼─ r2 ── vip (200 services)
//                └─ a16 ─┴─ b16 ─┘
// The page with 200 targets of 64 flows behind 16 x 16 routers: how soon it is seen, whether it ever stops, and what the
// thread that probes notices of it.
import assert from "node:assert/strict";
import { describe, inject, it } from "vitest";
import { Browser } from "../lab/browser.ts";
import { Daemon } from "../lab/daemon.ts";
import { Lab } from "../lab/lab.ts";
import { pause, until } from "../lab/processes.ts";
import { startService } from "../lab/services.ts";
import { twoStage, VIP } from "../lab/topologies.ts";
import { COUNTING_TURNS, type Turns, turnsSoFar } from "../lab/turns.ts";

const TARGETS = 200;
const FIRST_PORT = 20_000;
const SERVICE_PORT = 3306;
/** Flows of the target that is looked at: enough to cross most of the 256 links. */
const WIDE_BUCKETS = 256;
/** How long the turns are counted, without a viewer and with one. */
const COUNTED_MS = 60_000;
/** How often the page asks, and in which round for the hour of a target again. */
const EVERY_MS = 3000;
const HISTORY_ROUNDS = 5;
const FIRST_PAINT_MS = 1000;
/** What a person takes for a freeze. */
const LONGEST_TASK_MS = 200;
/** The bound of a turn, and what a viewer may add to it, milliseconds. */
const TURN_MS = 10;
const ADDED_MS = 2;

describe.skipIf(inject("labMissing") !== "")(
  "the page of 200 targets behind 16 x 16 routers",
  () => {
    it("is painted within a second, never stops, and costs the probing nothing", async () => {
      const lab = await Lab.build(twoStage(16, 16, { hostAccess: ["client"] }));
      try {
        await startService(lab, "vip", "tcp", SERVICE_PORT);
        // One service stands for all: what differs between the targets is the port.
        const last = FIRST_PORT + TARGETS - 1;
        await lab.exec(
          "vip",
          ["nft", "-f", "-"],
          `table ip services {
          chain in {
            type nat hook prerouting priority dstnat
            tcp dport ${FIRST_PORT}-${last} dnat to ${VIP}:${SERVICE_PORT}
          }
        }\n`,
        );
        const targets = Array.from({ length: TARGETS }, (_, index) => ({
          name: `service-${index}`,
          host: VIP,
          port: FIRST_PORT + index,
          protocol: "tcp",
          labels: { site: `site-${index % 8}` },
          ...(index === 0 ? { flow_buckets: WIDE_BUCKETS } : {}),
        }));
        // The one that is looked at has the routers for itself until its network is known.
        const daemon = await Daemon.start(
          lab,
          "client",
          { targets: targets.slice(0, 1) },
          [],
          COUNTING_TURNS,
        );
        try {
          await networkKnown(daemon);
          await daemon.reload({ targets });
          await everyTargetHealthy(daemon);
          await turnsSoFar(daemon);
          await pause(COUNTED_MS);
          const alone = await turnsSoFar(daemon);
          await askAsThePageDoes(daemon);
          const asked = await turnsSoFar(daemon);
          const seen = await view(lab, daemon);
          const viewed = await turnsSoFar(daemon);
          const say = (name: string, { turns, delay, held }: Turns) =>
            `${name}: ${turns} turns; held p50 ${held.p50.toFixed(2)}, p99.9 ${held.p999.toFixed(2)}, worst ${held.worst.toFixed(2)} ms; late p99.9 ${delay.p999.toFixed(2)}, worst ${delay.worst.toFixed(2)} ms`;
          console.log(
            [
              say("without a viewer", alone),
              say("asked as the page asks, without a browser on these processors", asked),
              say("with a viewer", viewed),
              `overview: first paint after ${seen.overview.paint.toFixed(0)} ms, longest task ${seen.overview.task.toFixed(0)} ms`,
              `target: first paint after ${seen.target.paint.toFixed(0)} ms, longest task ${seen.target.task.toFixed(0)} ms, ${seen.nodes} nodes drawn, ${seen.opened} after opening`,
            ].join("\n"),
          );
          assert.deepEqual(seen.findings, []);
          for (const { paint, task } of [seen.overview, seen.target]) {
            assert.ok(paint < FIRST_PAINT_MS, `first paint after ${paint} ms`);
            assert.ok(task < LONGEST_TASK_MS, `a task of ${task} ms`);
          }
          assert.ok(asked.held.p999 <= alone.held.p999 + ADDED_MS);
          assert.ok(viewed.held.p999 <= Math.max(TURN_MS, alone.held.p999 + ADDED_MS));
        } finally {
          await daemon.stop();
        }
      } finally {
        await lab.destroy();
      }
    });
  },
);

/** Waits until the first target shows most of the 16 x 16 routers, as far as their limits of ICMP errors let it. */
async function networkKnown(daemon: Daemon): Promise<void> {
  let known = 0;
  await until(
    async () => {
      const { hops } = (await daemon.target("service-0")) as { readonly hops: readonly unknown[] };
      known = hops.length;
      return known >= 30;
    },
    { limitMs: 180_000, everyMs: 1000, what: () => `30 hops are known, ${known} are` },
  );
}

async function everyTargetHealthy(daemon: Daemon): Promise<void> {
  let healthy = 0;
  await until(
    async () => {
      const metrics = await daemon.metrics();
      healthy = metrics
        .series("ecmp_target_verdict", { verdict: "healthy" })
        .filter(({ value }) => value === 1).length;
      return healthy === TARGETS;
    },
    { limitMs: 180_000, everyMs: 2000, what: () => `all are healthy, ${healthy} are` },
  );
}

/** For as long as the turns are counted, what overview and target page ask for, as often. */
async function askAsThePageDoes(daemon: Daemon): Promise<void> {
  const ends = performance.now() + COUNTED_MS;
  const get = async (path: string) => (await fetch(`${daemon.url}/api/v1/${path}`)).text();
  for (let round = 0; performance.now() < ends; round += 1) {
    const history = round % HISTORY_ROUNDS === 0 ? ["history/service-0"] : [];
    await Promise.all(
      ["summary", "status", "targets/service-0", "events", ...history].map((path) => get(path)),
    );
    await pause(EVERY_MS);
  }
}

/** What somebody does with it for a minute: scrolls, searches, sorts, opens a target, its wide stages, its buckets. */
async function view(lab: Lab, daemon: Daemon) {
  const browser = await Browser.start(lab, "client", daemon.url);
  try {
    const { page } = browser;
    const ends = performance.now() + COUNTED_MS;
    await page.goto(daemon.url);
    await page.locator("tbody tr").first().waitFor();
    await page.locator("main[aria-busy=false]").waitFor();
    const paint = await firstPaint(browser);
    await page.getByLabel("Search").fill("service-19");
    await page.getByLabel("Search").fill("");
    await page.getByRole("button", { name: "Target" }).click();
    await page.mouse.wheel(0, 20_000);
    await browser.screenshot("wide-overview", false);
    const overview = { paint, task: await longestTask(browser) };

    // A load of its own, not a change of the view.
    await page.goto("about:blank");
    await page.goto(`${daemon.url}/#/target/service-0`);
    await page.locator(".network .node").first().waitFor();
    const targetPaint = await firstPaint(browser);
    const nodes = await page.locator(".network .node").count();
    await browser.screenshot("wide-target");
    const open = page.getByRole("button", { name: /^Open the \d+ hops at TTL / });
    for (let wide = await open.count(); wide > 0; wide--) await open.first().click();
    const opened = await page.locator(".network .node").count();
    await browser.screenshot("wide-target-opened");
    let bucket = 0;
    while (performance.now() < ends) {
      await page.locator(".bucket").nth(bucket).click();
      bucket = (bucket + 1) % WIDE_BUCKETS;
      await pause(500);
    }
    const target = { paint: targetPaint, task: await longestTask(browser) };
    const findings = browser.findings.filter((line) => !line.endsWith("about:blank"));
    return { overview, target, nodes, opened, findings };
  } finally {
    await browser.close();
  }
}

function firstPaint({ page }: Browser): Promise<number> {
  return page.evaluate<number>(
    "performance.getEntriesByName('first-contentful-paint')[0].startTime",
  );
}

/** The longest task since the page was loaded, milliseconds; those below 50 are not told (Long Tasks API). */
function longestTask({ page }: Browser): Promise<number> {
  return page.evaluate<number>(`new Promise((resolve) => {
    let longest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
    }).observe({ type: "longtask", buffered: true });
    setTimeout(() => resolve(longest), 100);
  })`);
}
