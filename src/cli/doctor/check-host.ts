import { overlap } from "../../config/port-ranges.ts";
import { type Finding, fine } from "./finding.ts";
import type { HostFacts } from "./host-facts.ts";

/** Clock sources that are read without a system call. Others cost a microsecond and more a look. */
const QUICK_CLOCKS = ["tsc", "kvm-clock", "arch_sys_counter", "hyperv_clocksource_tsc_page"];
const STRICT = 1;

/** Whether raw packets can be sent and received, and how well. */
export function checkSockets({ privilege, ring }: HostFacts): Finding[] {
  if (privilege !== undefined) {
    return [
      {
        level: "error",
        topic: "privilege",
        message: `Raw sockets cannot be opened: ${privilege}.`,
        fix: "run as root, or setcap cap_net_raw+ep on node, or --cap-add=NET_RAW.",
      },
    ];
  }
  const granted = fine("privilege", "Raw sockets can be opened.");
  if (ring === undefined) return [granted, fine("ring", "Packets come through a packet ring.")];
  return [
    granted,
    {
      level: "warning",
      topic: "ring",
      message: `There is no packet ring, so round-trip times are less exact: ${ring}.`,
      fix: "install the optional package koffi for this platform.",
    },
  ];
}

/** Whether connections of this host may take the source ports of flows. */
export function checkPorts({ ephemeralPorts: kernel, ranges, portsInUse }: HostFacts): Finding[] {
  const topic = "source ports";
  const findings: Finding[] = [];
  const taken = kernel && ranges.find((range) => overlap(range, kernel));
  if (taken !== undefined) {
    findings.push({
      level: "warning",
      topic,
      message: `${taken.first}-${taken.last} overlaps the kernel's own ${kernel?.first}-${kernel?.last}: connections of this host may use the same ports.`,
      fix: "choose other source_ports, or narrow net.ipv4.ip_local_port_range.",
    });
  }
  if (portsInUse.length > 0) {
    const shown = portsInUse.slice(0, 5).join(", ");
    findings.push({
      level: "warning",
      topic,
      message: `Sockets of this host are bound to ${portsInUse.length} of them (${shown}${portsInUse.length > 5 ? ", …" : ""}); flows leave them out.`,
      fix: "choose source_ports that nothing else uses.",
    });
  }
  return findings.length > 0
    ? findings
    : [fine(topic, "No other socket of this host has or gets them.")];
}

/** Whether answers that come in by another interface than probes leave by are thrown away. */
export function checkReversePath({ interfaces }: HostFacts): Finding[] {
  const strict = interfaces.filter(({ rpFilter }) => rpFilter === STRICT);
  // With one interface there is no other that answers could come in by.
  if (interfaces.length < 2 || strict.length === 0) {
    return [fine("rp_filter", "Answers are taken from whichever interface they come in by.")];
  }
  const names = strict.map(({ name }) => name).join(", ");
  return [
    {
      level: "warning",
      topic: "rp_filter",
      message: `Strict on ${names}: the kernel drops answers that come in by another interface than the route back, and does not reset those connections.`,
      fix: `sysctl -w ${strict.map(({ name }) => `net.ipv4.conf.${name}.rp_filter=2`).join(" ")}`,
    },
  ];
}

/** Whether IPv6 probes carry a flow label where connections carry none, or the other way round. */
export function checkFlowLabels({ autoFlowLabels, targets }: HostFacts): Finding[] {
  const topic = "flow labels";
  const six = targets.filter(({ target }) => target.address.family === 6);
  if (six.length === 0) return [fine(topic, "No target is probed over IPv6.")];
  if (autoFlowLabels === undefined) return [fine(topic, "The kernel says nothing of them.")];
  const kernelLabels = autoFlowLabels === 1 || autoFlowLabels === 3;
  const other = six.filter(({ target }) => (target.flowLabel === "port") !== kernelLabels);
  if (other.length === 0) return [fine(topic, "Probes carry one where connections do.")];
  const names = other.map(({ target }) => target.name).join(", ");
  return [
    {
      level: "warning",
      topic,
      message: kernelLabels
        ? `${names}: connections of this host carry a flow label and probes none: routers that hash it choose other paths.`
        : `${names}: probes carry a flow label and connections of this host none (net.ipv6.auto_flowlabels=${autoFlowLabels}): routers that hash it choose other paths.`,
      fix: kernelLabels ? "flow_label: port" : "flow_label: 0",
    },
  ];
}

/** Whether the clock can be read quickly. */
export function checkClock({ clockSource }: HostFacts): Finding[] {
  const topic = "time source";
  if (clockSource === undefined) return [fine(topic, "The kernel does not say which it is.")];
  if (QUICK_CLOCKS.includes(clockSource)) return [fine(topic, `${clockSource}.`)];
  return [
    {
      level: "warning",
      topic,
      message: `${clockSource} is slow to read: round-trip times are less exact, and probing costs more.`,
      fix: "see why the kernel left tsc (dmesg | grep -i clocksource), or ask the host of this machine.",
    },
  ];
}

/** Targets that could not be looked at, and how many were. */
export function checkTargets({ unresolved, targets, leftOut }: HostFacts): Finding[] {
  const findings = unresolved.map(({ name, error }): Finding => {
    const fix = "see the name and the route.";
    return { level: "error", topic: "targets", message: `${name}: ${error}.`, fix };
  });
  if (leftOut === 0 && findings.length > 0) return findings;
  const rest = leftOut === 0 ? "" : `; ${leftOut} more were left out`;
  return [...findings, fine("targets", `${targets.length} looked at${rest}.`)];
}
