import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Lab } from "./lab.ts";
import type { LabProcess } from "./processes.ts";
import { nodeOf } from "./topology.ts";

/** The directory of package.json, wherever this file was compiled to below it. */
export function packageRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, "package.json"))) {
    const parent = dirname(directory);
    if (parent === directory) throw new Error("no package.json above the lab");
    directory = parent;
  }
  return directory;
}

/** Path of one of the plain programs that run inside namespaces. */
export function programPath(name: string): string {
  return join(packageRoot(), "test/lab/programs", name);
}

/** Starts a service on the service addresses of a node: TCP accepts and closes, UDP echoes. Resolves when it listens. */
export async function startService(
  lab: Lab,
  node: string,
  protocol: "tcp" | "udp",
  port: number,
): Promise<LabProcess> {
  const { services } = nodeOf(lab.topology, node);
  const program = [process.execPath, programPath("echo-server.mjs")];
  const service = lab.spawn(node, [...program, protocol, String(port), ...services]);
  await service.said("listening");
  return service;
}

/** Sends whole IPv4 packets from a node, as they are, even with a source address of somebody else. */
export async function sendPackets(
  lab: Lab,
  node: string,
  packets: readonly Uint8Array[],
): Promise<void> {
  const lines = packets.map((packet) => Buffer.from(packet).toString("hex"));
  await lab.exec(
    node,
    [process.execPath, programPath("send-packets.mjs")],
    `${lines.join("\n")}\n`,
  );
}
