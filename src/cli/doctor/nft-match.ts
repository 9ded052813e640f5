import { BlockList, isIP } from "node:net";
import type { SamplePacket } from "./sample-packet.ts";

/** Whether a packet meets a condition; `maybe` for what is not known of it, or what only the kernel can tell. */
export type Fit = "yes" | "no" | "maybe";

type Json = Readonly<Record<string, unknown>>;

/** Operators that ask for an order. */
const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  "<": (value, bound) => value < bound,
  ">": (value, bound) => value > bound,
  "<=": (value, bound) => value <= bound,
  ">=": (value, bound) => value >= bound,
};

/** Whether a packet meets the condition of one `match` statement (libnftables-json(5)). */
export function fits(match: Json, packet: SamplePacket): Fit {
  const { op, left, right } = match;
  const asked = askedOf(left, packet);
  if (asked === undefined) return "maybe";
  // A field that the packet does not have: no such rule is meant for it.
  if (asked === null) return "no";
  const compare = COMPARISONS[String(op)];
  if (compare !== undefined) return compared(asked, right, compare);
  const found = oneOf(asked, right);
  if (found === "maybe" || op !== "!=") return found;
  return found === "yes" ? "no" : "yes";
}

/** What the left side is of the packet: undefined where it is not known, null where the packet has none, else its values. */
function askedOf(
  left: unknown,
  packet: SamplePacket,
): readonly (string | number)[] | null | undefined {
  if (!isJson(left)) return undefined;
  const { payload, meta, ct } = left;
  // A mask over the flags, as in `tcp flags & rst == rst`.
  const masked = left["&"];
  if (Array.isArray(masked)) {
    const flags = askedOf(masked[0], packet);
    if (!Array.isArray(flags)) return flags;
    // The packet's port stands for those of all flows, which differ in their bits.
    if (flags.some((flag) => typeof flag === "number")) return undefined;
    const mask = new Set([masked[1]].flat(2));
    return flags.filter((flag) => mask.has(flag));
  }
  if (isJson(payload)) return payloadValue(payload, packet);
  if (isJson(meta)) return metaValue(String(meta["key"]), packet);
  if (isJson(ct)) return ct["key"] === "state" ? [packet.state] : undefined;
  return undefined;
}

function payloadValue({ protocol, field }: Json, packet: SamplePacket): ReturnType<typeof askedOf> {
  const one = (value: string | number | undefined): readonly (string | number)[] | undefined =>
    value === undefined ? undefined : [value];
  if (protocol === "ip" || protocol === "ip6") {
    if ((protocol === "ip") !== (packet.family === 4)) return null;
    if (field === "saddr") return one(packet.source);
    if (field === "daddr") return one(packet.destination);
    return field === "protocol" || field === "nexthdr" ? [packet.protocol] : undefined;
  }
  if (protocol === "icmp" || protocol === "icmpv6") {
    if (packet.protocol !== (protocol === "icmp" ? "icmp" : "ipv6-icmp")) return null;
    return field === "type" ? one(packet.icmpType) : undefined;
  }
  if (protocol !== "th" && protocol !== packet.protocol) return null;
  if (packet.sport === undefined) return null;
  if (field === "sport") return one(packet.sport);
  if (field === "dport") return one(packet.dport);
  return field === "flags" ? packet.flags : undefined;
}

function metaValue(key: string, packet: SamplePacket): ReturnType<typeof askedOf> {
  if (key === "l4proto" || key === "protocol") {
    return key === "l4proto" ? [packet.protocol] : [packet.family === 4 ? "ip" : "ip6"];
  }
  if (key === "nfproto") return [packet.family === 4 ? "ipv4" : "ipv6"];
  const device = packet.device === undefined ? undefined : [packet.device];
  return ["iif", "oif", "iifname", "oifname"].includes(key) ? device : undefined;
}

/** How one of the values compares with a number; `maybe` for anything else, such as an address. */
function compared(
  values: readonly (string | number)[],
  right: unknown,
  compare: (value: number, bound: number) => boolean,
): Fit {
  const [value] = values;
  if (typeof value !== "number" || typeof right !== "number") return "maybe";
  return compare(value, right) ? "yes" : "no";
}

/** Whether one of the values is, or is among, the right side. */
function oneOf(values: readonly (string | number)[], right: unknown): Fit {
  const sides = isJson(right) && Array.isArray(right["set"]) ? right["set"] : [right].flat();
  const found = sides.flatMap((side) => values.map((value) => same(value, side)));
  return found.includes("yes") ? "yes" : found.includes("maybe") ? "maybe" : "no";
}

function same(value: string | number, side: unknown): Fit {
  const told = (is: boolean): Fit => (is ? "yes" : "no");
  if (typeof side === "string" && side.startsWith("@")) return "maybe";
  if (typeof side === "number" || typeof side === "string") {
    if (typeof side === "string" && side.endsWith("*")) {
      return told(String(value).startsWith(side.slice(0, -1)));
    }
    return told(String(value) === String(side));
  }
  if (!isJson(side)) return "maybe";
  const { range, prefix } = side;
  if (Array.isArray(range)) {
    const [first, last] = range as (string | number)[];
    if (typeof value === "number") return told(value >= Number(first) && value <= Number(last));
    return inBlock(value, (block, type) => block.addRange(String(first), String(last), type));
  }
  if (isJson(prefix)) {
    return inBlock(String(value), (block, type) =>
      block.addSubnet(String(prefix["addr"]), Number(prefix["len"]), type),
    );
  }
  return "maybe";
}

function inBlock(value: string, add: (block: BlockList, type: "ipv4" | "ipv6") => void): Fit {
  const type = isIP(value) === 6 ? "ipv6" : "ipv4";
  const block = new BlockList();
  try {
    add(block, type);
    return block.check(value, type) ? "yes" : "no";
  } catch {
    return "maybe";
  }
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
