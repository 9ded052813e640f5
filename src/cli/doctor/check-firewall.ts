import type { Finding } from "./finding.ts";
import { fine } from "./finding.ts";
import type { HostFacts, LookedAt } from "./host-facts.ts";
import { type Effect, effectsAt } from "./nft-path.ts";
import type { NftRuleset } from "./nft-ruleset.ts";
import { flowPackets, type SamplePacket } from "./sample-packet.ts";

/** Hooks of the kernel that packets pass on the way out and in. */
const OUT = ["output", "postrouting"];
const IN = ["prerouting", "input"];

/** What a drop of these packets comes to, and what to do. */
const CONSEQUENCES: Readonly<Record<string, readonly [level: Finding["level"], sentence: string]>> =
  {
    probes: ["error", "so they fail here and not in the network"],
    "the kernel's resets": ["warning", "so servers keep half-open connections"],
    answers: ["warning", "so this host does not reset connections, and raw sockets hear nothing"],
    "routers' ICMP errors": ["warning", "so traces may see no hop"],
  };

/** Whether a firewall of this host drops what probes send or wait for, or translates it. */
export function checkFirewall({ ruleset, targets }: HostFacts): Finding[] {
  if ("unread" in ruleset) {
    return [
      {
        level: "warning",
        topic: "firewall",
        message: `The firewall was not looked at: ${ruleset.unread}.`,
        fix: "install nftables and run doctor as root.",
      },
    ];
  }
  const found = new Map<string, Finding>();
  for (const looked of targets) {
    for (const finding of findingsOf(looked, ruleset.value)) {
      found.set(`${finding.topic} ${finding.message}`, finding);
    }
  }
  const findings = [...found.values()];
  const clean = (topic: string, message: string): Finding[] =>
    findings.some((finding) => finding.topic === topic) ? [] : [fine(topic, message)];
  return [
    ...findings,
    ...clean("firewall", "No rule of this host drops probes, resets, answers or ICMP errors."),
    ...clean("local NAT", "No rule of this host changes addresses or ports of probes."),
  ];
}

function findingsOf({ target, routes }: LookedAt, ruleset: NftRuleset): Finding[] {
  const { first, last } = target.sourcePorts;
  const device = "value" in routes.probe ? routes.probe.value.dev : undefined;
  return [first, last].flatMap((port) => {
    const packets = flowPackets(target, port, device);
    return [...effects(packets.out, OUT, ruleset), ...effects(packets.in, IN, ruleset)].map(
      ({ packet, effect }) => finding(target.name, packet, effect),
    );
  });
}

function effects(
  packets: readonly SamplePacket[],
  hooks: readonly string[],
  ruleset: NftRuleset,
): { packet: SamplePacket; effect: Effect }[] {
  return packets.flatMap((packet) =>
    hooks.flatMap((hook) =>
      effectsAt(hook, packet, ruleset)
        // Only the first packet of a connection meets the rules of NAT.
        .filter(({ kind }) => kind === "drop" || packet.state === "new")
        .map((effect) => ({ packet, effect })),
    ),
  );
}

function finding(name: string, { what }: SamplePacket, { kind, certain, where }: Effect): Finding {
  const may = certain ? "" : "may ";
  if (kind === "translate") {
    return {
      level: "warning",
      topic: "local NAT",
      message: `${name}: ${where} ${may}change${certain ? "s" : ""} addresses or ports of ${what}, so routers hash others than those shown.`,
      fix: "exempt the exporter's source ports from it, or run the exporter outside.",
    };
  }
  const [level, sentence] = CONSEQUENCES[what] ?? ["warning", "so results mislead"];
  return {
    level: certain ? level : "warning",
    topic: "firewall",
    message: `${name}: ${where} ${may}drop${certain ? "s" : ""} ${what}, ${sentence}.`,
    fix: "let the exporter's source ports and ICMP errors pass.",
  };
}
