import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import type { Lab } from "./lab.ts";

/** Chromium as Debian installs it. Without the switches it looks for its maker's hosts at every start. */
const PROGRAM = "/usr/bin/chromium";
const SWITCHES = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
/** Screenshots of the last run, for people; git ignores them. */
const SCREENSHOTS: string = fileURLToPath(new URL("screenshots/", import.meta.url));
/** The checker's own source: the page's policy lets no script of others in, so it is put in from outside. */
const AXE: string = readFileSync(
  join(dirname(createRequire(import.meta.url).resolve("axe-core")), "axe.min.js"),
  "utf8",
);

/** A real browser at one page, which keeps what a reader would not see. */
export class Browser {
  readonly page: Page;
  /** Messages of the console, errors of scripts, requests to other places, answers that are errors. */
  readonly findings: string[] = [];
  readonly #context: BrowserContext;
  readonly #profile: string;

  private constructor(context: BrowserContext, page: Page, profile: string, origin: string) {
    this.#context = context;
    this.#profile = profile;
    this.page = page;
    page.on("console", (message) => this.findings.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => this.findings.push(`error: ${error.message}`));
    page.on("request", (request) => {
      if (!request.url().startsWith(origin)) this.findings.push(`request: ${request.url()}`);
    });
    page.on("response", (response) => {
      if (response.status() >= 400) {
        this.findings.push(`${response.status()}: ${response.url()}`);
      }
    });
  }

  /**
   * Starts it in a node of a lab. Chromium breaks off what it loads whenever an interface of its network namespace comes or
   * goes (net::ERR_NETWORK_CHANGED), and on the host they do so with every other lab.
   * @param origin where every request must go, `http://10.255.0.2:10190`
   */
  static async start(lab: Lab, node: string, origin: string): Promise<Browser> {
    const profile = mkdtempSync(join(tmpdir(), "ecl-browser-"));
    const program = join(profile, "chromium-in-node");
    const command = `exec ip netns exec ${lab.namespace(node)} ${PROGRAM} "$@"`;
    writeFileSync(program, `#!/bin/sh\n${command}\n`, { mode: 0o755 });
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: program,
      args: SWITCHES,
      viewport: { width: 1280, height: 900 },
      reducedMotion: "reduce",
    });
    const page = context.pages()[0] ?? (await context.newPage());
    return new Browser(context, page, profile, origin);
  }

  /** What axe-core has to say of the page as it is: the rule and where it is broken. */
  async violations(): Promise<string[]> {
    return await this.page.evaluate<string[]>(`(async () => {
      if (!window.axe) { ${AXE} }
      const { violations } = await window.axe.run();
      return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ": " + html + " " + failureSummary));
    })()`);
  }

  /** Writes what is seen. @param name of the file, without its ending */
  async screenshot(name: string, fullPage = true): Promise<void> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage });
  }

  /** Whether the document is wider than the window. */
  async overflows(): Promise<boolean> {
    return await this.page.evaluate<boolean>(
      "document.documentElement.scrollWidth > document.documentElement.clientWidth",
    );
  }

  /** Ends it and removes its profile. */
  async close(): Promise<void> {
    await this.#context.close();
    rmSync(this.#profile, { recursive: true, force: true });
  }
}
