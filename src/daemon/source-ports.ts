import { overlap } from "../config/port-ranges.ts";
import type { PortRange } from "../flow/target.ts";
import type { Log } from "../log.ts";
import type { Loaded } from "./configuration.ts";
import { ephemeralPorts } from "./ports-in-use.ts";

/** Every distinct range of source ports; the defaults' where there is no target yet. */
export function portRanges({ config, specs }: Pick<Loaded, "config" | "specs">): PortRange[] {
  const ranges = [config.probe, ...specs].map(({ sourcePorts }) => sourcePorts);
  return [...new Map(ranges.map((range) => [`${range.first}-${range.last}`, range])).values()];
}

/** Says where a range overlaps the one that the kernel takes ports for connections of this host from: once for as long as it does. */
export class OverlapWarning {
  readonly #log: Log;
  #said = "";

  constructor(log: Log) {
    this.#log = log;
  }

  /** These ranges are in use from now on. */
  look(ranges: readonly PortRange[], kernel: PortRange | undefined = ephemeralPorts()): void {
    const overlapping = kernel && ranges.find((range) => overlap(range, kernel));
    const fields = overlapping && {
      source_ports: `${overlapping.first}-${overlapping.last}`,
      ip_local_port_range: `${kernel.first}-${kernel.last}`,
    };
    const before = this.#said;
    this.#said = JSON.stringify(fields ?? "");
    if (fields === undefined || this.#said === before) return;
    this.#log.warn(
      "source_ports overlaps net.ipv4.ip_local_port_range: connections of this host may use the same ports",
      fields,
    );
  }
}
