import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeAuthority } from "../support/certificates.ts";
import type { Lab } from "./lab.ts";
import type { LabProcess } from "./processes.ts";
import { packageRoot } from "./services.ts";
import { nodeOf } from "./topology.ts";

/** Servers as they are deployed, on the service address of a node; each resolves when it listens. */
const SERVERS: Readonly<
  Record<string, { argv(lab: Lab, address: string): readonly string[]; readonly says: string }>
> = {
  dns: {
    says: "started",
    argv(lab, address) {
      const config = join(lab.temporaryDirectory(), "dnsmasq.conf");
      const lines = ["no-resolv", "no-hosts", "bind-interfaces", "user=root"];
      const names = ["address=/www.example.net/192.0.2.80", `listen-address=${address}`];
      writeFileSync(config, [...lines, ...names, ""].join("\n"));
      const flags = "--keep-in-foreground --log-facility=- --pid-file".split(" ");
      return ["dnsmasq", ...flags, `--conf-file=${config}`];
    },
  },
  ntp: {
    says: "Disabled control of system clock",
    argv(lab, address) {
      const directory = lab.temporaryDirectory();
      const config = join(directory, "chrony.conf");
      // No command socket, which would be that of the machine's own daemon, and a file for the process id that chronyd
      // may remove: it replaces whatever stands there.
      const own = ["cmdport 0", "bindcmdaddress /", `pidfile ${join(directory, "chronyd.pid")}`];
      const server = ["local stratum 10", "allow all", "port 123", `bindaddress ${address}`];
      writeFileSync(config, [...own, ...server, ""].join("\n"));
      // -x leaves the clock alone.
      return ["chronyd", "-x", "-d", "-u", "root", "-f", config];
    },
  },
  quic: {
    says: "",
    argv(lab, address) {
      const { cert, key } = makeAuthority(lab.temporaryDirectory(), "quic");
      return ["gtlsserver", "--quiet", address, "443", key, cert];
    },
  },
  stamp: {
    says: "reflecting",
    argv: (_, address) => [
      ...[process.execPath, join(packageRoot(), "dist/cli.js"), "reflect"],
      ...[`--listen=${address.includes(":") ? `[${address}]` : address}:862`],
      ...["--allow=0.0.0.0/0", "--allow=::/0", "--web.listen-address=127.0.0.1:0"],
    ],
  },
};

/** The program of each server that has to be installed, and the Debian package that brings it. */
const PROGRAMS = { dnsmasq: "dnsmasq-base", chronyd: "chrony", gtlsserver: "ngtcp2-server" };

/** Whether a server's program is missing; with CI=true none may be, so that a gap is a failure. */
export function serversAreMissing(): boolean {
  const directories = [...(process.env["PATH"] ?? "").split(":"), "/usr/local/sbin", "/usr/sbin"];
  const missing = Object.entries(PROGRAMS).filter(
    ([program]) => !directories.some((directory) => existsSync(join(directory, program))),
  );
  if (missing.length === 0 || process.env["CI"] === "true") return false;
  const names = missing.map(([program, debianPackage]) => `${program} (${debianPackage})`);
  console.info(`not installed: ${names.join(", ")}; probes of real UDP servers are skipped`);
  return true;
}

/** A machine with many labs at once takes its time to start a program. */
const STARTED_WITHIN_MS = 45_000;

/** A protocol that a server of this lab speaks. */
export type UdpProtocol = "dns" | "ntp" | "quic" | "stamp";

/** Port of each server. */
export const SERVER_PORTS: Readonly<Record<UdpProtocol, number>> = {
  dns: 53,
  ntp: 123,
  quic: 443,
  stamp: 862,
};

/** Starts a server on the first service address of a node. @throws Error with its output if it ends at once */
export async function startServer(
  lab: Lab,
  node: string,
  protocol: UdpProtocol,
): Promise<LabProcess> {
  const [address = ""] = nodeOf(lab.topology, node).services;
  const server = SERVERS[protocol];
  if (server === undefined) throw new Error(`no server speaks ${protocol}`);
  const started = lab.spawn(node, server.argv(lab, address));
  await started.said(server.says, STARTED_WITHIN_MS);
  return started;
}
