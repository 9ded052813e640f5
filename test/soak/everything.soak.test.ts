//                ┌─ r2 ─┐
//  client ── r1 ─┼─ …  ─┼─ r6 ── vip (192.0.2.10:20000-20039, TCP)
//                └─ r5 ─┘
// Everything changes at once for EVERYTHING_MINUTES (20 unless told): targets come and go, labels change, services and the
// host's own firewall fail, scrapes and logins come, right ones and wrong ones. Half of the targets stay and are served: none
// of their probes may fail, nothing may be told of them, and what the kernel saw leave is what the counters say.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { hashSync } from "@node-rs/bcrypt";
import { describe, inject, it } from "vitest";
import { Daemon } from "../lab/daemon.ts";
import * as faults from "../lab/faults.ts";
import { Lab } from "../lab/lab.ts";
import { Metrics, parse } from "../lab/metrics.ts";
import { pause, until } from "../lab/processes.ts";
import { startService } from "../lab/services.ts";
import { story, VIP } from "../lab/topologies.ts";
import { seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";

const MINUTES = Number(process.env["EVERYTHING_MINUTES"] ?? 20);
const STEADY = 20;
/** Of these the labels stay too, so that their counters go on from the start to the end. */
const COUNTED = 10;
const CHANGING = 20;
const BUCKETS = 8;
const FIRST_PORT = 20_000;
const FIRST_CHANGING = FIRST_PORT + STEADY;
const SERVICE_PORT = 3306;
/** Names that the kernel's counter goes by. */
const TABLE = "ecl_everything";
const RIGHT = login("right");
const WRONG = login("wrong");
/** What memory may grow by between a third of the time and its end. */
const MOST_GROWTH = 1.25;

interface Told {
  readonly verdict: string;
  readonly reason: string;
}

describe.skipIf(inject("labMissing") !== "")("everything at once", () => {
  it(
    `leaves memory flat, counters right and the healthy healthy for ${MINUTES} minutes`,
    async () => {
      const random = seeded(printedSeed("everything"));
      const lab = await Lab.build(story(4, { hostAccess: ["client"] }));
      try {
        await startService(lab, "vip", "tcp", SERVICE_PORT);
        await lab.nft(
          "vip",
          `table ip services { chain in { type nat hook prerouting priority dstnat;
            tcp dport ${FIRST_PORT}-${FIRST_CHANGING + CHANGING - 1} dnat to ${VIP}:${SERVICE_PORT}; }
          }\n`,
        );
        // The probes of those that are counted, before any fault of the host: their first packets, no traces.
        await lab.nft(
          "client",
          `table ip ${TABLE} { counter steady {}
            chain out { type filter hook output priority -300;
              tcp dport ${FIRST_PORT}-${FIRST_PORT + COUNTED - 1} ip ttl 64 tcp flags syn counter name steady; }
          }\n`,
        );
        const folder = lab.temporaryDirectory();
        const users = join(folder, "web.yml");
        writeFileSync(users, "");
        const file = join(folder, "targets.yml");
        const write = (changing: readonly number[], label: string) =>
          writeFileSync(file, JSON.stringify(targetsOf(changing, label)));
        write([], "first");
        const daemon = await Daemon.start(
          lab,
          "client",
          {
            probe: {
              interval: "1s",
              timeout: "300ms",
              flow_buckets: BUCKETS,
              rotation: "*/20 * * * * *",
            },
            trace: { survey: "*/30 * * * * *" },
            targets: [],
            target_files: [file],
          },
          [`--web.config.file=${users}`],
        );
        try {
          const first = await daemon.metrics();
          assert.equal(first.sum("ecmp_probe_failures_total"), 0);
          writeFileSync(
            users,
            `basic_auth_users:\n  somebody: ${hashSync("right", { cost: 10 })}\n`,
          );
          const client = new Client(daemon);
          await until(async () => (await client.get("/-/ready")).status === 200, {
            limitMs: 30_000,
            what: "the right login is let in",
          });
          const end = performance.now() + MINUTES * 60_000;
          const over = () => performance.now() >= end;
          const seen = { scrapes: 0, refused: 0, reloads: 0, faults: 0, slowest: 0 };
          const memory: number[] = [];
          const told = new Set<string>();
          await Promise.all([
            repeat(over, 1000, async () => {
              const start = performance.now();
              const metrics = await client.metrics();
              seen.slowest = Math.max(seen.slowest, performance.now() - start);
              seen.scrapes += 1;
              memory.push(metrics.value("process_resident_memory_bytes"));
              const failed = sumOf(metrics, /^(?:steady|counted)-/, "ecmp_probe_failures_total");
              assert.equal(failed, 0, `probes of steady targets failed:\n${daemon.process.stderr}`);
            }),
            repeat(over, 100, async () => {
              if ((await client.get("/metrics", WRONG)).status !== 200) seen.refused += 1;
            }),
            repeat(over, 5000, () => {
              const some = Array.from({ length: CHANGING }, (_, i) => i).filter(() =>
                random.chance(0.7),
              );
              write(some, random.pick(["blue", "green", "red"]));
              if (random.chance(0.3)) daemon.process.kill("SIGHUP");
              seen.reloads += 1;
            }),
            repeat(over, 7000, async () => {
              const port = FIRST_CHANGING + random.between(0, CHANGING - 1);
              const router = random.pick(["r2", "r3", "r4", "r5", "r6"]);
              const fault = random.chance(0.3)
                ? await faults.blockOutput(lab, "client")
                : await faults.rule(
                    lab,
                    router,
                    "forward priority 0",
                    `ip daddr ${VIP} tcp dport ${FIRST_CHANGING}-${port} drop`,
                  );
              seen.faults += 1;
              await pause(random.between(1000, 6000));
              await fault.heal();
            }),
            repeat(over, 2000, async () => {
              const index = random.between(0, STEADY - 1);
              const name = `${index < COUNTED ? "counted" : "steady"}-${index}`;
              const target = (await (await client.get(`/api/v1/targets/${name}`)).json()) as Told;
              told.add(target.verdict);
              const calm = ["healthy", "indeterminate", "source_fault"].includes(target.verdict);
              assert.ok(calm, `${name}: ${target.verdict}: ${target.reason}`);
            }),
          ]);
          await sumsAgree(lab, client);
          const third = Math.floor(memory.length / 3);
          const early = Math.max(...memory.slice(0, third + 1));
          const late = Math.max(...memory.slice(-third - 1));
          const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
          console.log(
            `${MINUTES} minutes: ${seen.scrapes} scrapes (slowest ${seen.slowest.toFixed(0)} ms), ${seen.refused} logins refused, ` +
              `${seen.reloads} reloads, ${seen.faults} faults; at most ${mebibytes(early)} in the first third, ` +
              `${mebibytes(late)} in the last; told of steady targets: ${[...told].join(", ")}`,
          );
          assert.ok(seen.refused > 0 && seen.reloads > 0 && seen.faults > 0);
          assert.ok(late < MOST_GROWTH * early, `memory grew from ${early} to ${late} bytes`);
        } finally {
          assert.equal(await daemon.stop(), 0, daemon.process.stderr);
        }
      } finally {
        await lab.destroy();
      }
    },
    MINUTES * 60_000 + 300_000,
  );
});

function login(password: string): string {
  return `Basic ${Buffer.from(`somebody:${password}`).toString("base64")}`;
}

/** What knows the right password. */
class Client {
  readonly #url: string;

  constructor({ url }: Daemon) {
    this.#url = url;
  }

  get(path: string, authorization = RIGHT) {
    return fetch(`${this.#url}${path}`, {
      headers: { authorization },
      signal: AbortSignal.timeout(10_000),
    });
  }

  async metrics(): Promise<Metrics> {
    const response = await this.get("/metrics");
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return new Metrics(parse(text));
  }
}

/** The targets of the file: those that stay, and those of the others that are there now. */
function targetsOf(changing: readonly number[], label: string) {
  const target = (name: string, port: number, team = label) => ({
    targets: [`${VIP}:${port}`],
    labels: { __ecmp_name__: name, team },
  });
  return [
    ...Array.from({ length: STEADY }, (_, i) =>
      i < COUNTED
        ? target(`counted-${i}`, FIRST_PORT + i, "none")
        : target(`steady-${i}`, FIRST_PORT + i),
    ),
    ...changing.map((i) => target(`changing-${i}`, FIRST_CHANGING + i)),
  ];
}

/** Sum of a family over targets by what their names begin with. */
function sumOf(
  metrics: Metrics,
  names: RegExp,
  family: string,
  labels: Readonly<Record<string, string>> = {},
) {
  return metrics
    .series(family, labels)
    .filter((sample) => names.test(sample.labels["target"] ?? ""))
    .reduce((sum, { value }) => sum + value, 0);
}

/** Runs something again and again, with a pause in between. */
async function repeat(over: () => boolean, everyMs: number, run: () => Promise<void> | void) {
  while (!over()) {
    await run();
    await pause(everyMs);
  }
}

/** What the kernel saw leave is answered, failed, invalid or still in flight: at most one probe a flow. */
async function sumsAgree(lab: Lab, client: Client): Promise<void> {
  const sent = async () => {
    const text = await lab.exec("client", ["nft", "list", "counter", "ip", TABLE, "steady"]);
    return Number(/packets (\d+)/.exec(text)?.[1]);
  };
  const least = await sent();
  const metrics = await client.metrics();
  const most = await sent();
  const ended = sumOf(metrics, /^counted-/, "ecmp_probes_total");
  const invalid = sumOf(metrics, /^counted-/, "ecmp_probes_invalid_total");
  // Of these some were never sent: the process did not run when they were due.
  const stalled = sumOf(metrics, /^counted-/, "ecmp_probes_invalid_total", { reason: "stall" });
  const line = `sent ${least} to ${most}; ended ${ended}, invalid ${invalid}, of them by a stall ${stalled}`;
  console.log(line);
  assert.ok(ended + invalid - stalled <= most, line);
  assert.ok(ended + invalid + COUNTED * BUCKETS >= least, line);
}
