import { join } from "node:path";
import { Lab } from "../test/lab/lab.ts";
import { packageRoot } from "../test/lab/services.ts";
import { defineLab } from "../test/lab/topology.ts";

/** Where the probed ports begin. */
export const FIRST_PORT = 7001;
/** Address of the service. */
export const SERVICE = "192.0.2.10";

/** A prober and a service that answers on many ports, one router between them. */
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
  try {
    await listen(lab, ports);
    return lab;
  } catch (error) {
    await lab.destroy();
    throw error;
  }
}

/** Every SYN to this many ports from {@link FIRST_PORT} on gets its SYN-ACK from the kernel of `vip`. */
export async function listen(lab: Lab, ports: number): Promise<void> {
  const program = join(packageRoot(), "bench/programs/listen.mjs");
  await lab.exec("vip", ["sysctl", "-qw", "net.ipv4.tcp_max_syn_backlog=65536"]);
  const service = lab.spawn("vip", [process.execPath, program, `${FIRST_PORT}`, `${ports}`]);
  await service.said("listening", 30_000);
}

/** Builds the network of so many ports, and removes it whatever happens. */
export async function withNetwork<T>(ports: number, work: (lab: Lab) => Promise<T>): Promise<T> {
  const lab = await buildNetwork(ports);
  try {
    return await work(lab);
  } finally {
    await lab.destroy();
  }
}
