import { readdirSync, readFileSync } from "node:fs";
import type { Clock } from "../../clock.ts";
import type { RawSockets } from "../../config/setting-values.ts";
import type { Loaded } from "../../daemon/configuration.ts";
import { ephemeralPorts, portsInUse } from "../../daemon/ports-in-use.ts";
import { portRanges } from "../../daemon/source-ports.ts";
import { resolveSpec, sourceAddressFor } from "../../discovery/resolve.ts";
import { openWire } from "../../engine/open-wire.ts";
import type { PortRange, Target, TargetSpec } from "../../flow/target.ts";
import { silentLog } from "../../log.ts";
import { protocolNumber } from "../../probe/probe-packet.ts";
import { ConnectionWays } from "../../wire/connection-ways.ts";
import { openKernelRoutes } from "../../wire/kernel-routes.ts";
import { loadLibc } from "../../wire/libc.ts";
import type { HostFacts, InterfaceFacts, LookedAt, Read } from "./host-facts.ts";
import { type NftRuleset, parseRuleset } from "./nft-ruleset.ts";
import { readRoutes, type Ways } from "./read-routes.ts";
import { runTool } from "./run-tool.ts";

/** Targets whose routes and packets are looked at: each takes a few runs of `ip`. */
const MOST_TARGETS = 100;

/** Reads what the doctor goes by. It sends nothing but the questions that names need. */
export async function readFacts(loaded: Loaded, clock: Clock): Promise<HostFacts> {
  const { config, specs } = loaded;
  const ranges = portRanges(loaded);
  const [sockets, ruleset, { targets, unresolved }] = await Promise.all([
    readSockets(config.rawSockets, ranges, clock),
    readRuleset(),
    readTargets(specs.slice(0, MOST_TARGETS)),
  ]);
  return {
    ...sockets,
    ephemeralPorts: ephemeralPorts(),
    portsInUse: [...portsInUse(ranges)].sort((a, b) => a - b),
    ranges,
    targets,
    unresolved,
    leftOut: Math.max(0, specs.length - MOST_TARGETS),
    interfaces: readInterfaces(),
    hashPolicies: {
      4: readNumber("/proc/sys/net/ipv4/fib_multipath_hash_policy"),
      6: readNumber("/proc/sys/net/ipv6/fib_multipath_hash_policy"),
    },
    autoFlowLabels: readNumber("/proc/sys/net/ipv6/auto_flowlabels"),
    ruleset,
    clockSource: readText("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
  };
}

/** Opens what the exporter would receive through, and closes it. */
async function readSockets(
  rawSockets: RawSockets,
  ranges: readonly PortRange[],
  clock: Clock,
): Promise<Pick<HostFacts, "privilege" | "ring">> {
  if (rawSockets === "never") return { privilege: undefined, ring: undefined };
  let ring: string | undefined;
  const log = {
    ...silentLog,
    warn: (message: string, fields?: Readonly<Record<string, unknown>>) => {
      if (message.startsWith("receiving through raw")) ring = String(fields?.["reason"]);
    },
  };
  try {
    const { sender, receiver } = await openWire(clock, log, ranges);
    sender.close();
    receiver.close();
    return { privilege: undefined, ring };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { privilege: message.split(":")[0] ?? message, ring: undefined };
  }
}

async function readRuleset(): Promise<Read<NftRuleset>> {
  const listed = await runTool("nft", ["-j", "list", "ruleset"]);
  if ("unread" in listed) return listed;
  try {
    return { value: parseRuleset(listed.value) };
  } catch {
    return { unread: "nft's answer is no JSON" };
  }
}

async function readTargets(
  specs: readonly TargetSpec[],
): Promise<Pick<HostFacts, "targets" | "unresolved">> {
  const targets: LookedAt[] = [];
  const unresolved: { name: string; error: string }[] = [];
  const libc = await loadLibc();
  const kernel = typeof libc === "string" ? libc : openKernelRoutes(libc);
  const ways = typeof kernel === "string" ? kernel : new ConnectionWays(kernel);
  for (const spec of specs) {
    const found = await resolveTarget(spec, ways);
    if (typeof found === "string") unresolved.push({ name: spec.name, error: found });
    else targets.push({ target: found, routes: await readRoutes(found, ways) });
  }
  if (typeof kernel !== "string") kernel.close();
  return { targets, unresolved };
}

async function resolveTarget(spec: TargetSpec, ways: Ways): Promise<Target | string> {
  const resolved = await resolveSpec(spec);
  if ("error" in resolved) return resolved.error;
  const [address] = resolved.addresses;
  if (address === undefined) return "it has no address";
  const protocol = protocolNumber({ protocol: spec.protocol, address });
  const known = typeof ways === "string" ? undefined : ways.sourceFor(address, protocol, spec.port);
  const source = known ?? (await sourceAddressFor(address));
  return typeof source === "string" ? source : { ...spec, address, source };
}

function readInterfaces(): InterfaceFacts[] {
  const names = readFolder("/sys/class/net").filter((name) => name !== "lo");
  const all = readNumber("/proc/sys/net/ipv4/conf/all/rp_filter") ?? 0;
  return names
    .filter((name) => readText(`/sys/class/net/${name}/operstate`) === "up")
    .map((name) => ({
      name,
      // The stricter of both counts; loose is the greater number, and wins (ip-sysctl).
      rpFilter: Math.max(all, readNumber(`/proc/sys/net/ipv4/conf/${name}/rp_filter`) ?? 0),
    }));
}

function readFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function readNumber(path: string): number | undefined {
  const text = readText(path);
  return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}
