import type { Target } from "../../flow/target.ts";

/** A packet that a firewall would see, as far as rules ask for it. */
export interface SamplePacket {
  /** For messages: `probes`, `the kernel's resets`. */
  readonly what: string;
  readonly family: 4 | 6;
  readonly protocol: "tcp" | "udp" | "icmp" | "ipv6-icmp";
  /** Undefined where any will do: a router on the way. */
  readonly source: string | undefined;
  readonly destination: string | undefined;
  /** Undefined for ICMP. */
  readonly sport: number | undefined;
  readonly dport: number | undefined;
  /** TCP flags, as nft names them. */
  readonly flags: readonly string[];
  /** ICMP type, as nft names it. */
  readonly icmpType: string | undefined;
  /** What connection tracking makes of it. */
  readonly state: "new" | "established" | "related";
  /** The interface it leaves or comes in by; undefined where it is not known. */
  readonly device: string | undefined;
}

/** The packets of one flow that must pass: out to the target, back from it, and errors from the way. */
export interface FlowPackets {
  readonly out: readonly SamplePacket[];
  readonly in: readonly SamplePacket[];
}

/** What a flow of the target sends and receives. @param device the interface towards the target */
export function flowPackets(
  target: Target,
  sourcePort: number,
  device: string | undefined,
): FlowPackets {
  const { family } = target.address;
  const icmp = family === 4 ? "icmp" : "ipv6-icmp";
  const ports = target.protocol === "icmp" ? undefined : { own: sourcePort, far: target.port };
  const base = {
    family,
    protocol: target.protocol === "icmp" ? icmp : target.protocol,
    flags: [],
    icmpType: undefined,
    device,
  } as const;
  const out = {
    ...base,
    source: target.source.text,
    destination: target.address.text,
    sport: ports?.own,
    dport: ports?.far,
  };
  const back = {
    ...base,
    source: target.address.text,
    destination: target.source.text,
    sport: ports?.far,
    dport: ports?.own,
    state: "established",
  } as const;
  const error = {
    ...base,
    what: "routers' ICMP errors",
    protocol: icmp,
    source: undefined,
    destination: target.source.text,
    sport: undefined,
    dport: undefined,
    icmpType: "time-exceeded",
    state: "related",
  } as const;
  if (target.protocol === "tcp") {
    return {
      out: [
        { ...out, what: "probes", flags: ["syn"], state: "new" },
        { ...out, what: "the kernel's resets", flags: ["rst"], state: "established" },
      ],
      in: [{ ...back, what: "answers", flags: ["syn", "ack"] }, error],
    };
  }
  const [ask, answer] =
    target.protocol === "icmp" ? (["echo-request", "echo-reply"] as const) : [undefined, undefined];
  return {
    out: [{ ...out, what: "probes", icmpType: ask, state: "new" }],
    in: [{ ...back, what: "answers", icmpType: answer }, error],
  };
}
