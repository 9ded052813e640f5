import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ConfigError } from "../../src/config/problem.ts";
import { loadConfig } from "../support/load-config.ts";

const FOLDER = "test/fixtures/config";

/** Every message of every `invalid-*.yml`, after `<file>:`: the line (where there is one), the key, the value, the fix. */
const MESSAGES: Readonly<Record<string, readonly string[]>> = {
  "accept-from": [
    "2: targets[0].accept_from: a list: must be removed: icmp has no ports that could be unreachable",
    '3: targets[1].accept_from: 192.0.2.2: must be a list: begin every item with "- "',
    "4: targets[2].accept_from[0]: 192.0.2.300: must be a network such as 192.0.2.0/24 or 2001:db8::/32, or one address",
  ],
  web: [
    "2: web.grafana_url: grafana.example.net: must be an address such as https://grafana.example.net",
  ],
  "web-user": [
    "2: web.grafana_url: https://a:***@grafana.example.net: must not hold a user or password: everyone who opens the page sees it",
  ],
  alias: [
    "2: probe.rotation: */10: is an alias without an anchor: quote a value that begins with *",
  ],
  aliases: ["3: x4[0][0][8]: *x1: is one of more than 1000 aliases"],
  circle: ["2: targets[0]: *all: refers to a collection that it is a part of"],
  cron: [
    '2: probe.rotation: every ten minutes: must be a cron expression of six fields, seconds first, such as "0 */10 * * * *" for every ten minutes',
    '4: trace.survey: 0 0 31 2 *: must be a cron expression of six fields, seconds first, such as "0 */10 * * * *" for every ten minutes',
  ],
  dscp: ["2: probe.dscp: 64: must be between 0 and 63"],
  "duplicate-key": ["4: probe.timeout: is given twice, first on line 2: keep one"],
  empty: [
    " targets: there is nothing to probe: list a target here, or files with targets under target_files",
  ],
  "everything-at-once": [
    "2: trace.hops: is not a known key: did you mean max_hops?",
    "4: probe.timeout: 20s: must be less than the interval, which is 10s",
    "9: targets[0].dscp: high: must be a whole number from 0 to 63",
    "10: targets[0].labels.hop: is already a label of the exporter's series: choose another name",
    "11: targets[1].name: a: is the name of targets[0] on line 6 as well: every target needs its own",
    "14: limits: 5: must be a mapping with packets_per_second, series, last_hops_per_target, …",
  ],
  family: [
    "2: targets[0].family: ipv6: must be ipv4 or auto, since 192.0.2.1 is an IPv4 address",
    "3: targets[1].family: ipv4: must be ipv6 or auto, since 2001:db8::1 is an IPv6 address",
  ],
  "flow-buckets": ["2: probe.flow_buckets: 2000: must be between 1 and 1024"],
  "flow-label": [
    "2: probe.flow_label: none: must be port or 0",
    '4: targets[0].flow_label: "0": must be 0 without quotes',
    "5: targets[1].flow_label: 1: must be port or 0",
  ],
  "hop-rate": [
    "3: trace.hop_packets_per_second: 60: must be at most trace.packets_per_second, which is 50",
  ],
  hosts: [
    "2: targets[0].host: 300.1.1.1: is neither an IP address nor a host name",
    "3: targets[1].host: 10.0.0: is neither an IP address nor a host name",
    "4: targets[2].host: db..example: is neither an IP address nor a host name",
    "5: targets[3].host: -db.example: is neither an IP address nor a host name",
    "6: targets[4].host: db:3306: must not contain the port: set it as port",
    "7: targets[5].host: https://example.net: must be an IP address or a host name, not a URL",
    '8: targets[6].host: "[2001:db8::1]": must be an address without brackets',
    "9: targets[7].host: fe80::1%eth0: must be an address without a zone",
    "10: targets[8].host: 0.0.0.0: must be the address of one host",
    "11: targets[9].host: 224.0.0.1: must be the address of one host",
    "12: targets[10].host: ff02::1: must be the address of one host",
    '13: targets[11].host: "::": must be the address of one host',
    "14: targets[12].host: müller.example: must be ASCII: write the name in its xn-- form",
    "15: targets[13].host: 12: must be an IP address or a host name",
    "16: targets[14].host: a b: is neither an IP address nor a host name",
    '17: targets[15].host: "::ffff:192.0.2.1": must be written as the IPv4 address 192.0.2.1',
    "18: targets[16].host: febf::1: must not be link-local: link-local packets cross no router",
  ],
  "icmp-port": ["2: targets[0].port: 80: must be removed: icmp has no ports"],
  "inherited-interval": [
    "5: targets[0].timeout: 1s: is inherited; it must be less than the interval, which is 500ms",
  ],
  "label-names": [
    "6: targets[0].labels.__site: begins with __, which is reserved for Prometheus",
    "7: targets[0].labels.last_hop: is already a label of the exporter's series: choose another name",
    "8: targets[0].labels.2nd: is not a label name: use letters, digits and _, and no digit first",
    "9: targets[0].labels.data-centre: is not a label name: use letters, digits and _, and no digit first",
    "10: targets[0].labels.job: is already a label of the exporter's series: choose another name",
  ],
  "label-values": [
    '6: targets[0].labels.rack: 12: must be text: quote it, "12"',
    '7: targets[0].labels.edge: true: must be text: quote it, "true"',
    "8: targets[0].labels.none: is empty: give it a value or remove the key",
    "9: targets[0].labels.list: a list: must be a single value",
  ],
  limits: [
    "2: limits.packets_per_second: 0: must be between 1 and 10000000",
    "3: limits.series: 99: must be between 100 and 100000000",
    "4: limits.last_hops_per_target: 0: must be between 1 and 1024",
  ],
  list: ["1: a list: must be a mapping with probe, trace, limits, …"],
  "missing-keys": [
    "2: targets[0].name: is missing: every target needs a name of its own",
    "2: targets[0].host: is missing: give an IP address or a host name",
    "2: targets[0].port: is missing: udp needs a port from 1 to 65535",
    "3: targets[1].host: is missing: give an IP address or a host name",
    "3: targets[1].port: is missing: tcp needs a port from 1 to 65535",
  ],
  names: [
    '2: targets[0].name: "": must not be empty',
    "3: targets[1].name: a/b: must not contain a slash: with resolve: all a slash joins name and address",
    '4: targets[2].name: 7: must be text: quote it, "7"',
    '5: targets[3].name: "tab\\there": must consist of printable characters',
    '6: targets[4].name: " a": must not begin or end with a space',
    "8: targets[5].name: nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn…: must be at most 200 characters long",
  ],
  networks: [
    "2: limits.allow_networks[1]: 2001:db8::/129: must be a network such as 192.0.2.0/24 or 2001:db8::/32, or one address",
    "2: limits.allow_networks[2]: 7: must be a network such as 192.0.2.0/24 or 2001:db8::/32, or one address",
  ],
  outside: ["5: targets[1].host: 192.0.2.1: lies outside limits.allow_networks"],
  "no-targets": [
    "3: targets: there is nothing to probe: list a target here, or files with targets under target_files",
  ],
  "no-unit": [
    '2: probe.interval: 10: must be a duration with its unit, such as "10s" or "1m30s"',
    '3: probe.timeout: 1.5s: must be a duration with its unit, such as "10s" or "1m30s"',
    '4: probe.rotation_hold: 30 m: must be a duration with its unit, such as "10s" or "1m30s"',
  ],
  "not-whole": [
    "2: probe.flow_buckets: 6.5: must be a whole number from 1 to 1024",
    '3: probe.dscp: "46": must be a number: remove the quotes',
    "5: trace.attempts: true: must be a whole number from 1 to 10",
  ],
  "null-value": ["2: targets[0].name: is empty: give it a value or remove the key"],
  "only-comments": [
    " targets: there is nothing to probe: list a target here, or files with targets under target_files",
  ],
  payload: [
    "2: targets[0].payload: dnssec: must be one of dns, ntp, quic, stamp, hex",
    "3: targets[1].payload: ntp: must be removed: only udp probes have one, not tcp",
    "4: targets[2].dns: is missing: give the name to ask for",
    '5: targets[3].hex: "01": must be removed: it belongs to payload: hex, not dns',
    '5: targets[3].dns: no..name: must be a domain name such as "www.example.net"',
    "6: targets[4].hex: 102: must be quoted: YAML takes it for a number",
    '6: targets[4].expect: some: must be any, or the bytes that an answer begins with, such as "81 80"',
    '7: targets[5].hex: "012": must be bytes as pairs of hex digits such as "01 ff 7e"',
    "8: targets[6].expect: any: needs payload: hex beside it",
    "9: targets[7].dns: bücher.example: must be ASCII: write the name in its xn-- form",
  ],
  "ports-low": ["2: probe.source_ports: 80-2000: must lie within 1024-65535"],
  "ports-number": ['2: probe.source_ports: 61000: must be a range of ports such as "61000-65535"'],
  "ports-reversed-low": ["2: probe.source_ports: 70000-1: must lie within 1024-65535"],
  "ports-reversed": [
    "2: probe.source_ports: 65000-61000: must begin with the lower port: 61000-65000",
  ],
  ports: [
    "2: targets[0].port: 0: must be between 1 and 65535",
    "3: targets[1].port: 70000: must be between 1 and 65535",
    '4: targets[2].port: "3306": must be a number: remove the quotes',
    "5: targets[3].port: 80.5: must be a whole number from 1 to 65535",
    "6: targets[4].port: is missing: tcp needs a port from 1 to 65535",
  ],
  protocol: [
    "2: targets[0].protocol: TCP: must be one of tcp, udp, icmp",
    "2: targets[0].family: ip4: must be one of auto, ipv4, ipv6",
    "2: targets[0].resolve: every: must be one of first, all",
  ],
  routers: [
    "2: routers.file: is not a known key: did you mean files?",
    "4: routers.files[0]: routers.txt: must end in .yml, .yaml or .json",
    "5: routers.files[1]: r*/x.yml: must have * in its last segment only",
    "6: routers.name_pattern: (: is not a valid regular expression: Unterminated group",
  ],
  "same-endpoint": [
    '3: targets[1]: site: probes the same as "web", targets[0] on line 2: tcp to 192.0.2.1 port 80, from the same source ports; remove one of the two, or give one source_ports of its own',
    '5: targets[3]: sixth: probes the same as "six", targets[2] on line 4: icmp to 2001:DB8:0::1, from the same source ports; remove one of the two, or give one source_ports of its own',
    '7: targets[5]: DB: probes the same as "db", targets[4] on line 6: udp to DB.example. port 53, from the same source ports; remove one of the two, or give one source_ports of its own',
  ],
  "same-name-beside-other-errors": [
    '3: targets[1].host: "": is neither an IP address nor a host name',
    "3: targets[1].name: a: is the name of targets[0] on line 2 as well: every target needs its own",
    "4: targets[2].port: 0: must be between 1 and 65535",
    "5: targets[3].name: b: is the name of targets[2] on line 4 as well: every target needs its own",
    "6: targets[4].name: a: is the name of targets[0] on line 2 as well: every target needs its own",
  ],
  "same-name": [
    "4: targets[2].name: a: is the name of targets[0] on line 2 as well: every target needs its own",
  ],
  "section-list": ["1: probe: a list: must be a mapping with interval, timeout, flow_buckets, …"],
  tag: ["2: is not valid YAML: Unresolved tag: tag:yaml.org,2002:seconds"],
  "target-files": [
    "1: target_files[0]: targets/*/x.yml: must have * in its last segment only",
    "1: target_files[1]: targets/*.txt: must end in .yml, .yaml or .json",
    "1: target_files[2]: 5: must be the name of a file",
    '1: target_files[3]: "": must be the name of a file',
  ],
  "target-not-mapping": ["2: targets[0]: 192.0.2.1:80: must be a mapping with name, host, port, …"],
  "target-too-few-ports": [
    "5: targets[0].source_ports: 61000-61000: holds 1 port, 63 fewer than flow_buckets, which is 64: widen it or lower flow_buckets to 1",
    "9: targets[1].source_ports: 61000-61099: holds 100 ports, 28 fewer than flow_buckets, which is 128: widen it or lower flow_buckets to 100",
  ],
  "targets-mapping": ['1: targets: a mapping: must be a list: begin every item with "- "'],
  text: ["1: hello: must be a mapping with probe, trace, limits, …"],
  timeout: ["3: probe.timeout: 1s: must be less than the interval, which is 1s"],
  "too-few-ports": [
    "3: probe.source_ports: 61000-61031: holds 32 ports, 32 fewer than flow_buckets, which is 64: widen it or lower flow_buckets to 32",
  ],
  "too-short": [
    "2: probe.interval: 50ms: must be between 100ms and 1d",
    "3: probe.timeout: 5ms: must be between 10ms and 1d",
  ],
  trace: [
    "2: trace.max_hops: 65: must be between 1 and 64",
    "3: trace.attempts: 0: must be between 1 and 10",
    "4: trace.packets_per_second: 0: must be between 1 and 1000000",
    "5: trace.hop_packets_per_second: -1: must be between 1 and 1000000",
  ],
  "two-documents": ["3: begins a second document: remove this line and all after it"],
  "unknown-key": [
    "2: probe.intervall: is not a known key: did you mean interval?",
    "3: probe.colour: is not a known key: known here: interval, timeout, flow_buckets, source_ports, rotation, rotation_hold, dscp, flow_label, method, series",
  ],
  "unknown-section": ["1: probes: is not a known key: did you mean probe?"],
  "unknown-target-key": [
    "5: targets[0].flow-buckets: is not a known key: did you mean flow_buckets?",
  ],
};

/** The message of the error that loading a file ends with. */
async function messageOf(file: string): Promise<string> {
  try {
    await loadConfig({ file, env: {} });
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "valid";
}

describe("a wrong configuration names every mistake with its line, key, value and fix", () => {
  test.each(Object.entries(MESSAGES))("%s", async (name, messages) => {
    const file = `${FOLDER}/invalid-${name}.yml`;
    expect(await messageOf(file)).toBe(messages.map((message) => `${file}:${message}`).join("\n"));
  });

  test("no file of the table is forgotten", () => {
    const files = readdirSync(FOLDER).filter((file) => file.startsWith("invalid-"));
    expect(files.sort()).toEqual(
      Object.keys(MESSAGES)
        .map((name) => `invalid-${name}.yml`)
        .sort(),
    );
  });
});
