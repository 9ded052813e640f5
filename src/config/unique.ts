import type { TargetSpec } from "../flow/target.ts";
import { parseAddress } from "../packet/address.ts";
import { overlap } from "./port-ranges.ts";
import { type ConfigProblem, showValue } from "./problem.ts";
import { type LocatedTarget, sameName } from "./targets.ts";

/** Two targets with the same key send the same flows where they share source ports, and could not tell their replies apart. */
function endpointKey({ protocol, host, port, family }: TargetSpec): string {
  const address = parseAddress(host);
  const name = host.toLowerCase().replace(/\.$/, "");
  return address === undefined
    ? `${protocol} ${name} ${port} ${family}`
    : `${protocol} ${address.text} ${port} ipv${address.family}`;
}

/** Where a target stands, as seen from a problem in `file`. */
function placeOf(target: LocatedTarget, file: string): string {
  const line = target.line === undefined ? "" : ` on line ${target.line}`;
  return target.path + line + (target.file === file ? "" : ` of ${target.file}`);
}

/**
 * Keeps the first of the targets that share a name, or host, port, protocol and family and some of their source ports. The method
 * makes no difference: a raw packet from the port of a connection disturbs that connection.
 * @returns the targets kept in their order, and a problem for each that was not
 */
export function uniqueTargets(targets: readonly LocatedTarget[]): {
  readonly unique: readonly LocatedTarget[];
  readonly problems: readonly ConfigProblem[];
} {
  const byName = new Map<string, LocatedTarget>();
  const byEndpoint = new Map<string, LocatedTarget[]>();
  const unique: LocatedTarget[] = [];
  const problems: ConfigProblem[] = [];
  for (const target of targets) {
    const { file, line, path, spec } = target;
    const key = endpointKey(spec);
    const namesake = byName.get(spec.name);
    const neighbours = byEndpoint.get(key) ?? [];
    const duplicate = neighbours.find((other) => overlap(other.spec.sourcePorts, spec.sourcePorts));
    if (namesake !== undefined) {
      const message = sameName(placeOf(namesake, file));
      problems.push({ file, line, path: `${path}.name`, value: showValue(spec.name), message });
    } else if (duplicate !== undefined) {
      const endpoint =
        spec.protocol === "icmp"
          ? `icmp to ${spec.host}`
          : `${spec.protocol} to ${spec.host} port ${spec.port}`;
      const message = `probes the same as ${JSON.stringify(duplicate.spec.name)}, ${placeOf(duplicate, file)}: ${endpoint}, from the same source ports; remove one of the two, or give one source_ports of its own`;
      problems.push({ file, line, path, value: showValue(spec.name), message });
    } else {
      byName.set(spec.name, target);
      byEndpoint.set(key, [...neighbours, target]);
      unique.push(target);
    }
  }
  return { unique, problems };
}
