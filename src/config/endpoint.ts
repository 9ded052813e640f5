import type { TargetSpec } from "../flow/target.ts";
import { parseAddress } from "../packet/address.ts";
import { hostRule } from "./host.ts";
import type { Checked } from "./rules.ts";

/** Splits `host:port` and `[2001:db8::1]:443`, or a host alone; an IPv6 address alone needs no brackets. */
function split(text: string): readonly [host: string, port: string | undefined] {
  const bracketed = /^\[([^\]]+)\](?::(.*))?$/.exec(text);
  if (bracketed !== null) return [bracketed[1] ?? "", bracketed[2]];
  if (parseAddress(text) !== undefined) return [text, undefined];
  const plain = /^([^:]*):(.*)$/.exec(text);
  return plain === null ? [text, undefined] : [plain[1] ?? "", plain[2]];
}

/** Reads a target as Prometheus writes it. The port is 0 for icmp, which must not have one, and needed for the others. */
export function parseEndpoint(
  text: string,
  protocol: TargetSpec["protocol"],
): Checked<{ readonly host: string; readonly port: number }> {
  if (text.includes("://")) return { problem: "must be HOST:PORT, not a URL" };
  if (text.includes("%")) return { problem: "must hold an address without a zone" };
  const [host, portText] = split(text);
  const checked = hostRule(host);
  if ("problem" in checked) {
    if (parseAddress(host) !== undefined) return checked;
    return { problem: 'must be HOST:PORT, with an IPv6 address in brackets: "[2001:db8::1]:443"' };
  }
  if (protocol === "icmp") {
    if (portText === undefined) return { value: { host, port: 0 } };
    return { problem: "must be a host without a port: icmp has no ports" };
  }
  if (portText === undefined) return { problem: `needs a port: ${protocol} targets are HOST:PORT` };
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : 0;
  if (port < 1 || port > 65_535) return { problem: "must have a port between 1 and 65535" };
  return { value: { host, port } };
}
