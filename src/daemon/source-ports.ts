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

/** Says where a range overlaps the one that the kernel takes ports for connections of this host from. */
export function warnOfOverlap(
  ranges: readonly PortRange[],
  log: Log,
  kernel: PortRange | undefined = ephemeralPorts(),
): void {
  if (kernel === undefined) return;
  const overlapping = ranges.find((range) => overlap(range, kernel));
  if (overlapping === undefined) return;
  log.warn(
    "source_ports overlaps net.ipv4.ip_local_port_range: connections of this host may use the same ports",
    {
      source_ports: `${overlapping.first}-${overlapping.last}`,
      ip_local_port_range: `${kernel.first}-${kernel.last}`,
    },
  );
}
