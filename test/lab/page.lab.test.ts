//                ┌─ r2 ─┐
//  client ── r1 ─┼─ …  ─┼─ r10 ── vip (192.0.2.10)
//                └─ r9 ─┘
// The page in a real browser: what it shows of a network that breaks and heals, by mouse and by keyboard.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "./browser.ts";
import { Daemon, NEVER } from "./daemon.ts";
import { dropForward, type Fault } from "./faults.ts";
import { Lab } from "./lab.ts";
import { until } from "./processes.ts";
import { startService } from "./services.ts";
import { story, VIP } from "./topologies.ts";
import { Watch } from "./watch.ts";

const PORT = 3306;
const TARGET = "mysql-vip";
/** A name that would be markup with a script in it, and a label that turns the direction of what follows. */
const HOSTILE = `<img src=x onerror=alert(1)>"'`;
const TURNED = "evil\u202egpj";
/** The page asks every three seconds; what the exporter has said must be seen within this time. */
const FOLLOWS_MS = 6000;

/** Network, exporter and browser start, every flow is up (30 s at most) and all paths are known (45 s at most). */
const READY_WITHIN_MS = 120_000;

interface View {
  readonly verdict: string;
  readonly coverage: { readonly paths: number };
  readonly flows: readonly {
    readonly bucket: number;
    readonly source_port: number;
    readonly state: string;
    readonly path: string | null;
  }[];
}

describe("the page", () => {
  let lab: Lab;
  let daemon: Daemon;
  let browser: Browser;
  let fault: Fault | undefined;

  beforeAll(async () => {
    lab = await Lab.build(story(8, { hostAccess: ["client"] }));
    await startService(lab, "vip", "tcp", PORT);
    daemon = await Daemon.start(lab, "client", {
      probe: { interval: "2s", timeout: "500ms", flow_buckets: 64, rotation: NEVER },
      web: { grafana_url: "https://grafana.example.net/g/" },
      targets: [
        { name: TARGET, host: VIP, port: PORT, protocol: "tcp", labels: { site: "fra1" } },
        {
          name: "vip-ping",
          host: VIP,
          protocol: "icmp",
          flow_buckets: 16,
          labels: { site: "ams2" },
        },
        {
          name: HOSTILE,
          host: VIP,
          port: 9,
          protocol: "tcp",
          flow_buckets: 8,
          labels: { owner: TURNED },
        },
      ],
    });
    browser = await Browser.start(lab, "client", daemon.url);
    await new Watch(daemon, TARGET).allUp(64, 30_000);
    const known = ({ verdict, coverage }: View) => verdict === "healthy" && coverage.paths === 8;
    await untilApi(known, "healthy, with all eight paths known");
  }, READY_WITHIN_MS);

  afterAll(async () => {
    await browser?.close();
    await daemon?.stop();
    await lab?.destroy();
  });

  /** Waits until the API says so of the target. */
  function untilApi(check: (view: View) => boolean, what: string): Promise<unknown> {
    return until(async () => check((await daemon.target(TARGET)) as View), {
      // Eight paths are met by chance, one answer a second: beside another target they may take a minute.
      limitMs: 80_000,
      everyMs: 200,
      what: () => `the API says: ${what}`,
    });
  }

  /** What each bucket lost in the last hour, a digit a slot. */
  async function hour(): Promise<readonly string[]> {
    const response = await fetch(`${daemon.url}/api/v1/history/${TARGET}`);
    return ((await response.json()) as { readonly buckets: readonly string[] }).buckets;
  }

  const row = (name: string) => browser.page.locator("tbody tr", { hasText: name });

  it("lists every target, the worst first, and finds them by text, verdict and label", async () => {
    const { page } = browser;
    const response = await page.goto(daemon.url);
    expect(response?.headers()["content-security-policy"]).toContain("default-src 'none'");
    await row(TARGET).waitFor();
    expect(await page.locator("tbody tr").count()).toBe(3);
    expect(await page.locator("tbody tr").first().textContent()).toContain("<img src=x onerror");
    expect(await row(TARGET).textContent()).toContain("Healthy");
    const dashboards = page.getByRole("link", { name: "Grafana" });
    expect(await dashboards.getAttribute("href")).toBe(
      "https://grafana.example.net/g/d/ecmp-overview",
    );
    await page.getByLabel("Search").fill("fra1 mysql");
    expect(await page.locator("tbody tr").count()).toBe(1);
    await page.getByLabel("Search").fill("");
    await page.getByLabel("Label").selectOption("site=ams2");
    expect(await page.locator("tbody tr th").textContent()).toContain("vip-ping");
    await page.getByLabel("Label").selectOption("");
    await page.getByRole("button", { name: "Target" }).click();
    await page.getByRole("button", { name: "Target" }).click();
    expect(await page.locator("tbody tr").first().textContent()).toContain("vip-ping");
    await browser.screenshot("overview-healthy");
  });

  it("shows a router that breaks within six seconds of the exporter, and names it", async () => {
    const { page } = browser;
    fault = await dropForward(lab, "r8");
    await untilApi(({ flows }) => flows.some(({ state }) => state === "failing"), "flows fail");
    const failing = page.locator("tbody tr", { hasText: TARGET }).locator("td.number").nth(1);
    await until(async () => !(await failing.textContent())?.startsWith("0 of"), {
      limitMs: FOLLOWS_MS,
      everyMs: 100,
      what: () => "the page shows flows that fail",
    });
    await untilApi(({ verdict }) => verdict === "path_fault", "path_fault");
    await row(TARGET).getByText("Path broken").waitFor({ timeout: FOLLOWS_MS });
    await browser.screenshot("overview-broken");
    await row(TARGET).getByRole("link").click();
    await page.locator(".suspects li").waitFor();
    expect(await page.locator("ul.suspects").textContent()).toContain(lab.address("r8"));
    await browser.screenshot("target-broken");
    expect(await page.getByRole("link", { name: "Grafana" }).getAttribute("href")).toBe(
      `https://grafana.example.net/g/d/ecmp-target?var-target=${TARGET}`,
    );
  });

  it("tells on the overview what changed", async () => {
    const { page } = browser;
    await page.goto(`${daemon.url}/#/`);
    const events = page.locator("details.events");
    await events.locator("summary").click();
    await events.getByText(`${TARGET}: verdict: path_fault`).first().waitFor();
    await page.goBack();
    await page.locator(".suspects li").waitFor();
  });

  it("shows where the flows die, and lights up ways and buckets by mouse", async () => {
    const { page } = browser;
    // The verdict comes before the last of the flows has failed: what crosses r8 is what will.
    const crossing = await lab.truth("r8").ports();
    const { flows } = (await daemon.target(TARGET)) as View;
    const failing = flows.filter(({ source_port }) => crossing.has(source_port));
    const stub = page.locator(".network .stub .end");
    await until(async () => (await stub.textContent()) === `✕ ${failing.length}`, {
      limitMs: 30_000,
      everyMs: 100,
      what: "all flows that cross r8 are shown to die there",
    });
    expect(await page.locator(".network .suspect").count()).toBeGreaterThan(0);
    expect(await page.locator(".network .node.router").count()).toBe(10);
    await page.locator(".bucket.failing").first().click();
    await page.locator(".network .node.lit").first().waitFor();
    expect(await page.locator(".network .node.lit").count()).toBe(3);
    expect(await page.locator(".told").textContent()).toContain("failing (timeout)");
    await browser.screenshot("target-bucket-chosen");
    await page.keyboard.press("Escape");
    expect(await page.locator(".network .lit").count()).toBe(0);
    await page.locator(`.network .node[data-key="${lab.address("r8")}"]`).click();
    expect(await page.locator(".bucket.lit").count()).toBe(failing.length);
    expect(await page.locator(".bucket.lit.failing").count()).toBe(failing.length);
    await page.keyboard.press("Escape");
  });

  it("can be used by keyboard alone", async () => {
    const { page } = browser;
    await page.locator(".network .node.source").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    const focused = () =>
      page.evaluate<string>("document.activeElement.getAttribute('data-key') ?? ''");
    expect(await focused()).toMatch(/^10\./);
    await page.keyboard.press("Enter");
    const buckets = await page.locator(".bucket.lit").count();
    expect(buckets).toBeGreaterThan(0);
    expect(buckets).toBeLessThan(64);
    await page.keyboard.press("Escape");
    // While routers are asked for the failing flows, the ways of others may stay unknown for long.
    const { flows } = (await daemon.target(TARGET)) as View;
    const known = flows.find(({ bucket, path }) => bucket > 0 && path !== null)?.bucket ?? 0;
    await page.locator(".bucket").first().focus();
    for (let at = 0; at < known; at += 1) await page.keyboard.press("ArrowRight");
    expect(known).toBeGreaterThan(0);
    expect(await focused()).toBe(`bucket ${known}`);
    await page.keyboard.press("Enter");
    // The exporter, a router and where it ends at least; what the API has just learnt the page shows with its next look.
    await page.locator(".network .node.lit").nth(2).waitFor();
    // What comes every few seconds takes the focus from nobody.
    await page.waitForResponse((response) => response.url().includes("/targets/"));
    await page.waitForResponse((response) => response.url().includes("/targets/"));
    expect(await focused()).toBe(`bucket ${known}`);
    await page.keyboard.press("Escape");
  });

  it("copies commands that fail and work", async () => {
    const { page } = browser;
    const command = page.locator(".commands pre").first();
    expect(await command.textContent()).toMatch(/^nc -z -w 2 -p \d+ 192\.0\.2\.10 3306$/);
    await page
      .getByRole("button", { name: /^Copy nc -z/ })
      .first()
      .click();
    await page.locator(".commands .copied", { hasText: "Copied" }).waitFor();
  });

  it.each(["light", "dark"] as const)("is accessible and fits a phone, %s", async (colorScheme) => {
    const { page } = browser;
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const [view, address] of [
      ["target", `#/target/${TARGET}`],
      ["overview", "#/"],
    ] as const) {
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.goto(`${daemon.url}/${address}`);
      await page.locator("main[aria-busy=false] h1").waitFor();
      expect(await browser.violations()).toEqual([]);
      await browser.screenshot(`${view}-${colorScheme}`);
      await page.setViewportSize({ width: 360, height: 740 });
      expect(await browser.overflows()).toBe(false);
      expect(await browser.violations()).toEqual([]);
      await browser.screenshot(`${view}-${colorScheme}-phone`);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  });

  it("shows a hostile name as text", async () => {
    const { page } = browser;
    await page.goto(`${daemon.url}/#/target/${encodeURIComponent(HOSTILE)}`);
    await page.locator("h1", { hasText: "onerror" }).waitFor();
    expect(await page.locator("h1").textContent()).toBe(HOSTILE);
    expect(await page.locator("h1 + .more").textContent()).toContain("owner=evil\\u202egpj");
    expect(await page.locator("main img").count()).toBe(0);
  });

  it("follows within six seconds when the router heals", async () => {
    const { page } = browser;
    // The newest slot of the hour is shown as it is now; a slot before it must have seen the fault for most of its time.
    await until(async () => (await hour()).some((slots) => /[5-9]/.test(slots.slice(0, -1))), {
      limitMs: 60_000,
      everyMs: 500,
      what: "the hour shows the fault",
    });
    await page.goto(`${daemon.url}/#/target/${TARGET}`);
    await page.locator(".bucket.failing").first().waitFor();
    await fault?.heal();
    await untilApi(({ flows }) => flows.every(({ state }) => state === "up"), "all flows are up");
    await page
      .locator(".bucket.failing")
      .first()
      .waitFor({ state: "detached", timeout: FOLLOWS_MS });
    expect(await page.locator(".network .stub").count()).toBe(0);
  });

  it("shows the network of a moment of the last hour, and what changed", async () => {
    const { page } = browser;
    // The page has asked for the hour some time ago.
    await page.reload();
    const slider = page.getByLabel("Moment");
    await slider.focus();
    const heading = page.locator("section.network h2");
    // A press is shown before the next: a fault that has come and gone is a few moments wide.
    await until(
      async () => {
        const before = await heading.textContent();
        await slider.press("ArrowLeft");
        await until(async () => (await heading.textContent()) !== before, {
          limitMs: 5000,
          everyMs: 20,
          what: "the moment before is shown",
        });
        const failing = await page.locator(".bucket.failing").count();
        // The last flows heal after the suspect has gone.
        return failing > 0 && (await page.locator(".network .stub").count()) > 0;
      },
      { limitMs: 40_000, everyMs: 20, what: "a moment at which flows failed, and where" },
    );
    expect(await heading.textContent()).toMatch(/^Network as it was at \d\d:\d\d:\d\d UTC$/);
    expect(await page.locator(".network .stub").count()).toBe(1);
    await browser.screenshot("target-moment");
    await page.getByRole("button", { name: "Back to now" }).click();
    expect(await heading.textContent()).toBe("Network");
    expect(await page.locator(".bucket.failing").count()).toBe(0);
    const events = page.getByRole("list", { name: "Events" });
    expect(await events.textContent()).toContain("verdict: path_fault");
    expect(await events.textContent()).toContain(lab.address("r8"));
    expect(await page.locator(".strips .mark").count()).toBeGreaterThan(0);
  });

  it("leaves no message in the console, asks nobody else, and every answer is good", () => {
    expect(browser.findings).toEqual([]);
  });
});
