import { join } from "node:path";
import { Lab } from "../test/lab/lab.ts";
import { packageRoot } from "../test/lab/services.ts";
import { defineLab } from "../test/lab/topology.ts";

/** Where the probed ports begin. */
export const FIRST_PORT = 7001;
/** Address of the service. */
export const SERVICE = "192.0.2.10";

/** Other addresses of the same service, of which there are as many as are asked for. */
export function otherAddress(at: number): string {
  return `198.51.100.${at + 1}`;
}

/** A prober and a service that answers on many ports, one router between them. @param addresses of the service beside {@link SERVICE}, 0 to 254 */
export async function buildNetwork(ports: number, addresses = 0): Promise<Lab> {
  const services = [SERVICE, ...Array.from({ length: addresses }, (_, at) => otherAddress(at))];
  const lab = await Lab.build(
    defineLab({
      name: "bench",
      nodes: { client: {}, r1: { router: true }, vip: { services } },
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
export async function withNetwork<T>(
  ports: number,
  work: (lab: Lab) => Promise<T>,
  addresses = 0,
): Promise<T> {
  const lab = await buildNetwork(ports, addresses);
  try {
    return await work(lab);
  } finally {
    await lab.destroy();
  }
}
