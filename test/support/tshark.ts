import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pcapOf } from "./pcap.ts";

/** Whether tshark can be asked; with CI=true it must be, so that a missing one is a failure and no gap. */
export function tsharkIsMissing(): boolean {
  if (process.env["CI"] === "true" || spawnSync("tshark", ["--version"]).status === 0) return false;
  console.info("tshark is not installed: its verdict on our packets is skipped");
  return true;
}

/**
 * What tshark says of every packet: the values of `fields`, those that occur several times joined by ";".
 * @param decodeAs what a port speaks that tshark does not know, such as `udp.port==862,twamp.test`
 */
export function dissect(
  packets: readonly Uint8Array[],
  fields: readonly string[],
  decodeAs: readonly string[] = [],
): Record<string, string>[] {
  const ports = decodeAs.flatMap((rule) => ["-d", rule]);
  const checks = ["ip", "tcp", "udp"].flatMap((name) => ["-o", `${name}.check_checksum:TRUE`]);
  const output = ["-T", "fields", "-E", "aggregator=;", ...fields.flatMap((name) => ["-e", name])];
  // A file, because tshark reads standard input only from a pipe and Node gives it a socket.
  const directory = mkdtempSync(join(tmpdir(), "ecmp-exporter-"));
  const file = join(directory, "packets.pcap");
  writeFileSync(file, pcapOf(packets));
  const tshark = spawnSync("tshark", ["-n", "-r", file, ...ports, ...checks, ...output], {
    encoding: "utf8",
  });
  rmSync(directory, { recursive: true });
  if (tshark.status !== 0) throw new Error(`tshark: ${tshark.error?.message ?? tshark.stderr}`);
  const lines = tshark.stdout.replace(/\n$/, "").split("\n");
  if (lines.length !== packets.length) throw new Error(`${lines.length} lines from tshark`);
  return lines.map((line) => {
    const values = line.split("\t");
    return Object.fromEntries(fields.map((name, i) => [name, values[i] ?? ""]));
  });
}
