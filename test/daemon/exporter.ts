import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Metrics, scrape } from "../lab/metrics.ts";
import { LabProcess, until } from "../lab/processes.ts";
import { packageRoot } from "../lab/services.ts";

/** A cron expression of no day that comes during a test. */
export const NEVER = "0 0 0 29 2 *";

/** Every flow of this pace is probed several times while a test waits. */
export const QUICK = {
  interval: "500ms",
  timeout: "200ms",
  flow_buckets: 8,
  rotation: NEVER,
} as const;

/** How the built command is started. */
export interface CommandOptions {
  /** Comes before node, such as `setpriv` with its flags. */
  readonly wrapper?: readonly string[];
  /** Variables beside those of the test. */
  readonly env?: Readonly<Record<string, string>>;
  /** Working directory; the package's unless told. */
  readonly directory?: string;
}

/** Starts the built command with these arguments. */
export function startCommand(args: readonly string[], options: CommandOptions = {}): LabProcess {
  const directory = options.directory ?? packageRoot();
  const argv = [process.execPath, join(packageRoot(), "dist/cli.js"), ...args];
  return new LabProcess(["env", "-C", directory, ...(options.wrapper ?? []), ...argv], {
    ...process.env,
    ...options.env,
  });
}

/** What a command that has ended left. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command to its end; one that does not end within ten seconds is killed, and its code is null. */
export async function runCommand(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Ended> {
  const command = startCommand(args, options);
  const patience = setTimeout(() => command.kill("SIGKILL"), 10_000);
  const code = await command.ended();
  clearTimeout(patience);
  return { code, stdout: command.stdout, stderr: command.stderr };
}

/** The text of one HTTP response. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** The built daemon on the loopback interface, at a port of the kernel's choice, in a folder of its own. */
export class Exporter {
  readonly process: LabProcess;
  /** Holds the configuration; target files may lie beside it. Removed by {@link stop}. */
  readonly folder: string;
  #url = "";

  private constructor(started: LabProcess, folder: string) {
    this.process = started;
    this.folder = folder;
  }

  /** Starts it and waits until it serves. @throws Error with its log if it ends or does not serve in time */
  static async start(
    config: unknown,
    flags: readonly string[] = [],
    options: CommandOptions & { readonly files?: Readonly<Record<string, unknown>> } = {},
  ): Promise<Exporter> {
    const folder = mkdtempSync(join(tmpdir(), "ecl-exporter-"));
    for (const [name, value] of Object.entries({ "exporter.yml": config, ...options.files })) {
      writeFileSync(join(folder, name), text(value));
    }
    const file = ["--config.file", join(folder, "exporter.yml")];
    const listen = ["--web.listen-address", "127.0.0.1:0"];
    const exporter = new Exporter(startCommand([...file, ...listen, ...flags], options), folder);
    try {
      await exporter.process.said("serving", 15_000);
      exporter.#url = /https?:\/\/127\.0\.0\.1:\d+/.exec(exporter.process.stderr)?.[0] ?? "";
    } catch (error) {
      await exporter.stop();
      throw error;
    }
    return exporter;
  }

  /** `http://127.0.0.1:PORT` */
  get url(): string {
    return this.#url;
  }

  /** Writes a file into the folder; what is not text is written as JSON, which is YAML. */
  write(name: string, value: unknown): void {
    writeFileSync(join(this.folder, name), text(value));
  }

  /** Replaces the configuration without telling the daemon. */
  configure(config: unknown): void {
    this.write("exporter.yml", config);
  }

  /** Asks for a path. */
  async get(path: string, method = "GET", headers: Record<string, string> = {}): Promise<Answer> {
    const signal = AbortSignal.timeout(15_000);
    const response = await fetch(this.#url + path, { method, headers, signal });
    const type = response.headers.get("content-type") ?? "";
    return { status: response.status, type, body: await response.text() };
  }

  /** Replaces the configuration and has it read. */
  reload(config: unknown, method: "POST" | "PUT" = "POST"): Promise<Answer> {
    this.configure(config);
    return this.get("/-/reload", method);
  }

  metrics(): Promise<Metrics> {
    return scrape(`${this.#url}/metrics`);
  }

  /** What the API says of a target. */
  async target(name: string): Promise<TargetAnswer> {
    return JSON.parse((await this.get(`/api/v1/targets/${name}`)).body) as TargetAnswer;
  }

  /** Scrapes until `check` holds, and returns that scrape. @throws Error with the log after the limit */
  async until(
    what: string,
    check: (metrics: Metrics) => boolean,
    limitMs = 10_000,
  ): Promise<Metrics> {
    let last: Metrics | undefined;
    await until(
      async () => {
        last = await this.metrics();
        return check(last);
      },
      { limitMs, everyMs: 50, what: () => `${what}; it said:\n${this.process.stderr}` },
    );
    if (last === undefined) throw new Error("no scrape");
    return last;
  }

  /** Source port of every bucket of a target, in the order of buckets. */
  async ports(target: string): Promise<number[]> {
    return (await this.target(target)).flows.map((flow) => flow.source_port);
  }

  /** Asks it to end and removes its folder; returns the exit code. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    const code = await this.process.stop(signal);
    rmSync(this.folder, { recursive: true, force: true });
    return code;
  }
}

/** The part of a target's description that is looked at here. */
export interface TargetAnswer {
  readonly error: string | null;
  readonly address: string | null;
  readonly verdict: string;
  readonly reason: string;
  readonly flows: readonly {
    readonly bucket: number;
    readonly source_port: number;
    readonly state: string;
    readonly last_result: string | null;
  }[];
}

/** Sum of a target's finished probes. */
export function probesOf(metrics: Metrics, target: string): number {
  return metrics.sum("ecmp_probes_total", { target });
}

/** Something that listens on the loopback interface. */
export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens for TCP connections at a port of the kernel's choice, or at `port`, of an address of the loopback network. */
export async function listenOn(host = "127.0.0.1", port = 0): Promise<Listener> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((listening, failed) => {
    server.once("error", failed);
    server.listen(port, host, listening);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, undefined, 2);
}
