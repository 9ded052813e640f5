//                ┌─ r2 ─┐
//  client ── r1 ─┼─ …  ─┼─ r10 ── vip: haproxy at 192.0.2.10:3306, MariaDB behind it
//                └─ r9 ─┘
// The story with the servers that it is told of, of the Debian packages mariadb-server-core, mariadb-client-core and haproxy,
// which `npm test` does not install. Once a second the API is asked: verdict and suspects are right, and the reason
// agrees with the flows beside it.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, inject, it } from "vitest";
import { type Look, Looks, type TargetLook, timeline } from "../blind/looks.ts";
import { Daemon } from "../lab/daemon.ts";
import { dropForward } from "../lab/faults.ts";
import { GroundTruth } from "../lab/ground-truth.ts";
import { Lab } from "../lab/lab.ts";
import { type LabProcess, until } from "../lab/processes.ts";
import { story, VIP } from "../lab/topologies.ts";
import { isMissing } from "../support/installed.ts";

/** By command: the Debian package that brings it. */
const NEEDED = {
  mariadbd: "mariadb-server-core",
  "mariadb-install-db": "mariadb-server-core",
  mariadb: "mariadb-client-core",
  haproxy: "haproxy",
};
const areMissing = Object.entries(NEEDED).some((needed) => isMissing(...needed));
const PORT = 3306;
const BACKEND_PORT = 3307;
const LEARNT_WITHIN_MS = 150_000;
const TOLD_WITHIN_MS = 45_000;
const STEADY_MS = 60_000;
const REFUSED = `every probe is refused: the network works up to the target, nothing listens on port ${PORT}`;

/** MariaDB with a data directory of its own, on the loopback of the service's host. */
async function startMariadb(lab: Lab): Promise<LabProcess> {
  const directory = lab.temporaryDirectory();
  const own = ["--no-defaults", "--user=root", `--datadir=${join(directory, "data")}`];
  await lab.exec("vip", [
    "mariadb-install-db",
    ...own,
    "--auth-root-authentication-method=normal",
    "--skip-test-db",
    "--skip-name-resolve",
  ]);
  const server = lab.spawn("vip", [
    "mariadbd",
    ...own,
    "--bind-address=127.0.0.1",
    `--port=${BACKEND_PORT}`,
    `--socket=${join(directory, "socket")}`,
    `--pid-file=${join(directory, "pid")}`,
    "--skip-name-resolve",
  ]);
  await server.said("ready for connections", 60_000);
  const everybody = "GRANT SELECT ON *.* TO story@'%' IDENTIFIED BY 'story'";
  await lab.exec("vip", [
    ...["mariadb", "--no-defaults", `--socket=${join(directory, "socket")}`, "-u", "root"],
    ...["-e", everybody],
  ]);
  return server;
}

/** haproxy in front of it, at the virtual address. */
async function startHaproxy(lab: Lab): Promise<LabProcess> {
  const file = join(lab.temporaryDirectory(), "haproxy.cfg");
  writeFileSync(
    file,
    `global
  maxconn 1000
defaults
  mode tcp
  timeout connect 5s
  timeout client 1m
  timeout server 1m
listen mysql
  bind ${VIP}:${PORT}
  server one 127.0.0.1:${BACKEND_PORT} check
`,
  );
  const proxy = lab.spawn("vip", ["haproxy", "-db", "-f", file]);
  await until(async () => (await lab.exec("vip", ["ss", "-Htln"])).includes(`${VIP}:${PORT}`), {
    limitMs: 15_000,
    what: () => `haproxy listens: ${proxy.stderr}`,
  });
  return proxy;
}

/** Asks the database through all of it. */
function ask(lab: Lab): Promise<string> {
  const login = ["-h", VIP, "-P", String(PORT), "-u", "story", "-pstory", "--skip-ssl"];
  return lab.exec("client", ["mariadb", "--no-defaults", ...login, "-Ne", "SELECT 40 + 2"]);
}

/** What a reason says of flows that the flows beside it do not show; nothing where they agree. */
function contradictions(looks: readonly Look[]): string[] {
  return looks.flatMap(({ view: { verdict, reason, flows } }) => {
    const failing = flows.filter(({ state }) => state === "failing").length;
    // At a first look the target may not be probed yet.
    const agrees =
      (flows.length === 0 && verdict === "indeterminate") ||
      reason.includes(`${failing} of ${flows.length} flows fail now`) ||
      (failing === 0 && (verdict === "healthy" || reason.startsWith("No flow fails now"))) ||
      (failing === flows.length && reason.startsWith("Every flow fails"));
    return agrees
      ? []
      : [`${failing} of ${flows.length} flows fail, and the reason says: ${reason}`];
  });
}

describe.skipIf(inject("labMissing") !== "" || areMissing)("MariaDB behind haproxy", () => {
  it("is watched rightly while it works, while a router is broken, and while nothing listens", async () => {
    const lab = await Lab.build(story(8, { hostAccess: ["client"], answersFrom: "interface" }));
    try {
      const server = await startMariadb(lab);
      const proxy = await startHaproxy(lab);
      await until(async () => (await ask(lab)).trim() === "42", {
        limitMs: 30_000,
        what: () => `the database answers: ${server.stderr}`,
      });
      const daemon = await Daemon.start(lab, "client", {
        targets: [{ name: "mysql-vip", host: VIP, port: PORT, protocol: "tcp" }],
      });
      const looks = new Looks(daemon, "mysql-vip");
      await looks.learnt(LEARNT_WITHIN_MS);
      const truth = await GroundTruth.read(lab, "client");
      const isRight = ({ verdict, suspects }: TargetLook) => {
        const [only] = suspects;
        if (verdict !== "path_fault" || only === undefined || suspects.length > 1) return false;
        const ends = [only.from, only.to].map((end) => end && truth.nameOf(end));
        return only.segment === "forward" && ends.includes("r8");
      };
      const healthy = [...looks.all];

      const fault = await dropForward(lab, "r8");
      const brokenAt = performance.now();
      const found = await looks.until("r8 is suspected", TOLD_WITHIN_MS, isRight);
      const broken = await looks.during(STEADY_MS);
      await fault.heal();
      await looks.until("healthy again", TOLD_WITHIN_MS, ({ verdict }) => verdict === "healthy");

      await proxy.stop("SIGKILL");
      const refused = ({ verdict, reason, suspects }: TargetLook) =>
        verdict === "target_down" && reason.includes(REFUSED) && suspects.length === 0;
      await looks.until("nothing listens, and that is said", TOLD_WITHIN_MS, refused);
      const down = await looks.during(STEADY_MS / 2);
      await startHaproxy(lab);
      await looks.until("healthy again", TOLD_WITHIN_MS, ({ verdict }) => verdict === "healthy");

      console.log(
        `r8 suspected ${((found.at - brokenAt) / 1000).toFixed(0)} s after it broke; ${looks.all.length} looks\n${timeline(looks.all)}`,
      );
      assert.deepEqual(contradictions(looks.all), []);
      assert.ok(
        healthy.every(({ view }) => view.verdict === "healthy" || view.suspects.length === 0),
      );
      assert.ok(
        broken.every(({ view }) => isRight(view)),
        timeline(looks.all),
      );
      assert.ok(
        down.every(({ view }) => refused(view)),
        timeline(looks.all),
      );
      // Probes are no connections to whom they are told of: the server blocks nobody and warns of nobody.
      assert.equal((await ask(lab)).trim(), "42");
      assert.doesNotMatch(server.stderr, /blocked|Aborted connection/);
      await daemon.stop();
    } finally {
      await lab.destroy();
    }
  });
});
