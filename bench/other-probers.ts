import { writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { join } from "node:path";
import type { Lab } from "../test/lab/lab.ts";
import { pause, until } from "../test/lab/processes.ts";
import { sumOf } from "./exposition-text.ts";
import { FIRST_PORT, otherAddress, SERVICE } from "./probing-network.ts";
import { cpuSeconds } from "./process-cost.ts";

/** What a prober of others did. */
export interface OtherResult {
  /** Answered probes a second. */
  readonly perSecond: number;
  /** Its processor time for each of them, microseconds. */
  readonly cpuMicros: number;
}

/** A prober that Debian packages, and how it is made to probe {@link SERVICE}. */
export interface OtherProber {
  readonly command: string;
  /** What it sends, and why not faster. */
  readonly how: string;
  readonly measure: (lab: Lab, seconds: number) => Promise<OtherResult>;
}

/** Addresses that are probed side by side where a program sends ten probes a second to each at most. */
export const ADDRESSES = 100;
/** The longest that one run of a program may take, seconds. */
const BOUND_SECONDS = 60;
/** As many as ask at a time where a prober waits for each answer. */
const CLIENTS = 4;

/** Those that are measured. */
export const OTHER_PROBERS: readonly OtherProber[] = [
  {
    command: "prometheus-blackbox-exporter",
    how: `a TCP connection for each request, ${CLIENTS} requests at a time`,
    measure: blackbox,
  },
  {
    command: "prometheus-smokeping-prober",
    how: "an ICMP echo every millisecond",
    measure: smokeping,
  },
  {
    command: "scamper",
    how: `SYNs, its shortest interval of 0.1 s to each of ${ADDRESSES} addresses`,
    measure: scamper,
  },
  { command: "hping3", how: "a SYN every 100 us", measure: hping },
];

async function blackbox(lab: Lab, seconds: number): Promise<OtherResult> {
  const port = 9115;
  const file = join(lab.temporaryDirectory(), "blackbox.yml");
  const module = "modules: { tcp: { prober: tcp, tcp: { preferred_ip_protocol: ip4 } } }\n";
  writeFileSync(file, module);
  const command = "prometheus-blackbox-exporter";
  const argv = [command, `--config.file=${file}`, `--web.listen-address=:${port}`];
  const started = lab.spawn("client", [...argv, "--log.level=error"]);
  const root = `http://${lab.hostAddress("client")}:${port}`;
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  try {
    await until(() => text(`${root}/-/healthy`, agent), { limitMs: 10_000, what: command });
    let succeeded = 0;
    const [cpu, from] = [cpuSeconds(started.pid), performance.now()];
    const client = async () => {
      while (performance.now() - from < seconds * 1000) {
        const target = `${SERVICE}:${FIRST_PORT}`;
        const answer = await text(`${root}/probe?module=tcp&target=${target}`, agent);
        succeeded += sumOf(answer, "probe_success");
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    const took = (performance.now() - from) / 1000;
    return result(succeeded, took, cpuSeconds(started.pid) - cpu);
  } finally {
    agent.destroy();
    await started.stop();
  }
}

async function smokeping(lab: Lab, seconds: number): Promise<OtherResult> {
  const port = 9374;
  const command = "prometheus-smokeping-prober";
  const file = join(lab.temporaryDirectory(), "smokeping.yml");
  writeFileSync(file, "targets: []\n");
  const options = [`--config.file=${file}`, "--ping.interval=1ms", "--privileged"];
  const started = lab.spawn("client", [command, ...options, SERVICE]);
  const url = `http://${lab.hostAddress("client")}:${port}/metrics`;
  const answered = async () => sumOf(await text(url), "smokeping_response_duration_seconds_count");
  try {
    await until(async () => (await answered()) > 0, { limitMs: 10_000, what: command });
    const [before, cpu, from] = [await answered(), cpuSeconds(started.pid), performance.now()];
    await pause(seconds * 1000);
    const used = cpuSeconds(started.pid) - cpu;
    return result((await answered()) - before, (performance.now() - from) / 1000, used);
  } finally {
    await started.stop();
  }
}

async function scamper(lab: Lab, seconds: number): Promise<OtherResult> {
  const pings = Array.from(
    { length: ADDRESSES },
    (_, at) => `ping -P tcp-syn -d ${FIRST_PORT} -c ${seconds * 10} -i 0.1 ${otherAddress(at)}`,
  );
  const argv = ["scamper", "-O", "json", "-p", "10000", "-I", ...pings];
  const { stdout, took, cpu } = await timed(lab, argv);
  const replies = [...stdout.matchAll(/"statistics":\{"replies":(\d+)/g)];
  return result(
    replies.reduce((sum, [, count]) => sum + Number(count), 0),
    took,
    cpu,
  );
}

async function hping(lab: Lab, seconds: number): Promise<OtherResult> {
  const count = String(seconds * 2_000);
  // The client's address is on its loopback interface, where it would wait for the answers.
  const from = ["-a", lab.address("client"), "-I", "to-r1"];
  const options = ["-S", "-q", "-p", String(FIRST_PORT), "-i", "u100", "-c", count];
  const argv = ["hping3", ...from, ...options, SERVICE];
  const { stderr, took, cpu } = await timed(lab, argv);
  const [, received] = /(\d+) packets received/.exec(stderr) ?? [];
  return result(Number(received), took, cpu);
}

/** Runs a program to its end under bash, which tells its processor time. */
async function timed(lab: Lab, argv: readonly string[]) {
  const script = 'TIMEFORMAT="took %R %U %S"; time "$@" || true';
  // A program that is starved or hangs is ended, and counts with what it did.
  const bounded = ["timeout", "--signal=INT", String(BOUND_SECONDS), ...argv];
  const started = lab.spawn("client", ["bash", "-c", script, "bash", ...bounded]);
  await started.ended();
  const { stdout, stderr } = started;
  const [, took, user, system] = /^took (\S+) (\S+) (\S+)$/m.exec(stderr) ?? [];
  if (took === undefined) throw new Error(`${argv[0]} said ${stderr}`);
  return { stdout, stderr, took: Number(took), cpu: Number(user) + Number(system) };
}

function result(answered: number, seconds: number, cpu: number): OtherResult {
  if (!(answered > 0)) throw new Error("none of its probes was answered");
  return { perSecond: answered / seconds, cpuMicros: (1e6 * cpu) / answered };
}

function text(url: string, agent?: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, agent === undefined ? {} : { agent }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        body += part;
      });
      response.on("end", () => resolve(body)).on("error", reject);
    }).on("error", reject);
  });
}
