import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Lab } from "../test/lab/lab.ts";
import { packageRoot } from "../test/lab/services.ts";
import { defineLab } from "../test/lab/topology.ts";

/** Where the probed ports begin. */
export const FIRST_PORT = 7001;
/** Address of the service. */
export const SERVICE = "192.0.2.10";

/** A prober and a service that answers on many ports, one link apart. */
export async function buildNetwork(ports: number): Promise<Lab> {
  const lab = await Lab.build(
    defineLab({
      name: "bench",
      nodes: { client: {}, r1: { router: true }, vip: { services: [SERVICE] } },
      links: [
        ["client", "r1"],
        ["r1", "vip"],
      ],
      hostAccess: ["client"],
    }),
  );
  const program = join(packageRoot(), "bench/programs/listen.mjs");
  await lab.exec("vip", ["sysctl", "-qw", "net.ipv4.tcp_max_syn_backlog=65536"]);
  const service = lab.spawn("vip", [process.execPath, program, `${FIRST_PORT}`, `${ports}`]);
  await service.said("listening");
  return lab;
}

/** Processor time that a process has used, user and system, in seconds (proc(5): fields 14 and 15, ticks of 10 ms). */
export function cpuSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Resident memory of a process, in megabytes. */
export function residentMegabytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(text)?.[1]) / 1024;
}
