import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Lab } from "./lab.ts";
import { type LabProcess, until } from "./processes.ts";
import { packageRoot, programPath } from "./services.ts";
import { shorten } from "./shorten.ts";

/** How much shorter than shipped every duration is. */
export interface TimeLapse {
  /** Of scrapes and rules: intervals, windows, `for`. */
  readonly rules: number;
  /** Of Alertmanager: how long it gathers and waits before it sends. */
  readonly routes: number;
}

/** Two minutes become 15 s: time enough for the exporter to trace and suspect, as it has with the shipped durations. */
export const LAPSE: TimeLapse = { rules: 8, routes: 40 };

/** An alert in a message to the receiver. */
export interface SentAlert {
  readonly status: "firing" | "resolved";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A message as Alertmanager's webhook sends it. */
export interface Message {
  readonly status: "firing" | "resolved";
  readonly alerts: readonly SentAlert[];
}

/** An alert as Alertmanager's API shows it. */
export interface HeldAlert {
  readonly fingerprint: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly status: { readonly state: string; readonly inhibitedBy: readonly string[] };
}

/** The files that are shipped, relative to the package; where they say so, the stack listens. */
const SHIPPED = ["config/prometheus/prometheus.yml", "config/alertmanager.yml"];
const RULES = "config/prometheus/rules";
const PROMETHEUS_PORT = 9090;
const ALERTMANAGER_PORT = 9093;
const WEBHOOK_PORT = 5001;
const READY_WITHIN_MS = 30_000;

/**
 * Prometheus, Alertmanager and a receiver of webhooks beside an exporter, in its namespace, so that the addresses in
 * the shipped files hold. All of it ends with the lab.
 */
export class AlertStack {
  /** Where the host reaches Prometheus and Alertmanager. */
  readonly prometheusUrl: string;
  readonly alertmanagerUrl: string;
  readonly #webhook: LabProcess;
  readonly #servers: readonly LabProcess[];

  private constructor(address: string, webhook: LabProcess, servers: readonly LabProcess[]) {
    this.prometheusUrl = `http://${address}:${PROMETHEUS_PORT}`;
    this.alertmanagerUrl = `http://${address}:${ALERTMANAGER_PORT}`;
    this.#webhook = webhook;
    this.#servers = servers;
  }

  /** Starts all three with the shipped files, durations divided. @throws Error with what they said if one does not come up */
  static async start(lab: Lab, node: string, lapse: TimeLapse): Promise<AlertStack> {
    const folder = lab.temporaryDirectory();
    const rules = readdirSync(join(packageRoot(), RULES)).map((name) => join(RULES, name));
    for (const file of [...SHIPPED, ...rules]) {
      const factor = file.endsWith("alertmanager.yml") ? lapse.routes : lapse.rules;
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      const text = readFileSync(join(packageRoot(), file), "utf8");
      writeFileSync(join(folder, file), shorten(text, factor));
    }
    const webhook = lab.spawn(node, [
      process.execPath,
      programPath("webhook.mjs"),
      `${WEBHOOK_PORT}`,
    ]);
    const alertmanager = lab.spawn(node, [
      "prometheus-alertmanager",
      `--config.file=${join(folder, "config/alertmanager.yml")}`,
      `--storage.path=${join(folder, "alertmanager")}`,
      `--web.listen-address=:${ALERTMANAGER_PORT}`,
      "--cluster.listen-address=",
    ]);
    const prometheus = lab.spawn(node, [
      "prometheus",
      `--config.file=${join(folder, "config/prometheus/prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "prometheus")}`,
      `--web.listen-address=:${PROMETHEUS_PORT}`,
      "--enable-feature=exemplar-storage",
    ]);
    const stack = new AlertStack(lab.hostAddress(node), webhook, [alertmanager, prometheus]);
    await webhook.said("listening");
    await stack.#ready();
    return stack;
  }

  /** Every message that the receiver has got, in order. */
  get messages(): readonly Message[] {
    const lines = this.#webhook.stdout.split("\n").slice(1, -1);
    return lines.map((line) => JSON.parse(line) as Message);
  }

  /** The messages with an alert of this name and state, with those alerts alone; of all messages but the first `after`. */
  sent(alertname: string, status: SentAlert["status"], after = 0): SentAlert[][] {
    const wanted = (alert: SentAlert) =>
      alert.labels["alertname"] === alertname && alert.status === status;
    return this.messages
      .slice(after)
      .map(({ alerts }) => alerts.filter(wanted))
      .filter((alerts) => alerts.length > 0);
  }

  /** What Alertmanager holds now, inhibited ones included. */
  async held(): Promise<HeldAlert[]> {
    const response = await fetch(`${this.alertmanagerUrl}/api/v2/alerts`);
    if (response.status !== 200) throw new Error(await response.text());
    return (await response.json()) as HeldAlert[];
  }

  /** Waits until `check` returns something. @throws Error with all messages after the limit */
  until<T>(
    what: string,
    limitMs: number,
    check: () => T | Promise<T>,
  ): Promise<Exclude<T, undefined | false>> {
    return until(check, {
      limitMs,
      everyMs: 250,
      what: () => `${what}\n${JSON.stringify(this.messages, undefined, 1)}\n${this.#said()}`,
    });
  }

  async #ready(): Promise<void> {
    const urls = [this.prometheusUrl, this.alertmanagerUrl];
    const ready = async (url: string) => (await fetch(`${url}/-/ready`)).status === 200;
    await until(
      async () =>
        this.#servers.some(({ running }) => !running) ||
        (await Promise.all(urls.map(ready))).every(Boolean),
      { limitMs: READY_WITHIN_MS, what: () => `Prometheus and Alertmanager: ${this.#said()}` },
    );
    if (this.#servers.some(({ running }) => !running)) throw new Error(this.#said());
  }

  #said(): string {
    return this.#servers.map(({ stderr }) => stderr).join("\n");
  }
}
