//                ┌─ a1  ─┬─ b1  ─┐
//  client ── r1 ─┼─ …   ─╳─ …   ─┼─ r2 ── vip (192.0.2.10)
//                └─ a16 ─┴─ b16 ─┘
// The page with 200 targets of 64 flows behind 256 paths: soon there, quick to the hand, wide stages drawn as counts.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Browser } from "./browser.ts";
import { Daemon, NEVER } from "./daemon.ts";
import { Lab } from "./lab.ts";
import { until } from "./processes.ts";
import { startService } from "./services.ts";
import { twoStage, VIP } from "./topologies.ts";

const TARGETS = 200;
const PORT = 3306;
const FIRST_PORT = 4000;
/** Until something is painted, and until a choice is seen, milliseconds. */
const PAINTED_MS = 1000;
const CHOSEN_MS = 500;

describe.skipIf(inject("labMissing") !== "")("the page with many targets", () => {
  let lab: Lab;
  let daemon: Daemon;
  let browser: Browser;

  beforeAll(async () => {
    lab = await Lab.build(twoStage(16, 16, { hostAccess: ["client"] }));
    await startService(lab, "vip", "tcp", PORT);
    // One service behind every port: a redirection costs less than 200 processes.
    const ports = `${FIRST_PORT}-${FIRST_PORT + TARGETS - 1}`;
    await lab.nft(
      "vip",
      `table ip many { chain c { type nat hook prerouting priority -100; tcp dport ${ports} redirect to :${PORT}; }\n}\n`,
    );
    daemon = await Daemon.start(lab, "client", {
      probe: { interval: "20s", timeout: "1s", flow_buckets: 64, rotation: NEVER },
      targets: Array.from({ length: TARGETS }, (_, at) => ({
        name: `vip-${String(at).padStart(3, "0")}`,
        host: VIP,
        port: FIRST_PORT + at,
      })),
    });
    browser = await Browser.start(daemon.url);
    const known = async () => {
      const { paths, flows } = (await daemon.target("vip-000")) as {
        paths: readonly unknown[];
        flows: readonly { state: string }[];
      };
      return paths.length > 30 && flows.every(({ state }) => state === "up");
    };
    await until(known, { limitMs: 90_000, everyMs: 500, what: "most paths of a target are known" });
  });
  afterAll(async () => {
    await browser?.close();
    await daemon?.stop();
    await lab?.destroy();
  });

  /** When the page was first painted, milliseconds from the navigation. */
  const painted = () =>
    browser.page.evaluate<number>(
      "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity",
    );
  /** How long it takes until the browser has drawn what a choice shows. */
  const chosen = (selector: string) =>
    browser.page.evaluate<number>(`(async () => {
      const began = performance.now();
      document.querySelector(${JSON.stringify(selector)}).dispatchEvent(new MouseEvent("click", { bubbles: true }));
      await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
      return performance.now() - began;
    })()`);

  it("shows all targets within a second, and finds one among them", async () => {
    const { page } = browser;
    await page.goto(daemon.url);
    await page.locator("tbody tr").first().waitFor();
    expect(await painted()).toBeLessThan(PAINTED_MS);
    await page.getByLabel("Search").fill("vip-199");
    await until(async () => (await page.locator("tbody tr").count()) === 1, {
      limitMs: CHOSEN_MS,
      everyMs: 20,
      what: "the one target is found",
    });
    await browser.screenshot("overview-200", false);
  });

  it("draws wide stages as counts, opens them on demand, and answers to the hand", async () => {
    const { page } = browser;
    await page.goto("about:blank");
    await page.goto(`${daemon.url}/#/target/vip-000`);
    await page.locator(".network .node.group").first().waitFor();
    expect(await painted()).toBeLessThan(PAINTED_MS);
    const nodes = await page.locator(".network .node").count();
    expect(nodes).toBeLessThan(16);
    await browser.screenshot("target-16x16");
    expect(await chosen(".bucket")).toBeLessThan(CHOSEN_MS);
    for (const button of await page.locator(".wide-stages button").all()) await button.click();
    expect(await page.locator(".network .node").count()).toBeGreaterThan(30);
    expect(await chosen(".bucket")).toBeLessThan(CHOSEN_MS);
    await browser.screenshot("target-16x16-open");
  });

  it("leaves no message in the console, asks nobody else, and every answer is good", () => {
    expect(browser.findings).toEqual([]);
  });
});
