import type { PayloadSpec, Protocol } from "../flow/target.ts";
import type { Reader } from "./reader.ts";
import { oneOf, type Rule } from "./rules.ts";
import type { YamlMap } from "./yaml-tree.ts";

const KINDS = [
  "dns",
  "ntp",
  "quic",
  "stamp",
  "hex",
] as const satisfies readonly PayloadSpec["kind"][];

/** The keys that say what UDP probes hold, by their meaning. */
export interface PayloadKeys {
  readonly payload: string;
  readonly dns: string;
  readonly hex: string;
  readonly expect: string;
}

/** The keys of a target in the configuration. */
export const PAYLOAD_KEYS: PayloadKeys = {
  payload: "payload",
  dns: "dns",
  hex: "hex",
  expect: "expect",
};

/** Which kind each of the other keys belongs to. */
const OWNERS = { dns: "dns", hex: "hex", expect: "hex" } as const;

/** What fits into one packet of 1280 bytes, which every IPv6 path takes, behind both headers. */
const MOST_BYTES = 1232;
const NAME_CHARACTERS = 253;

/** A name to ask a DNS server for; labels of host and service names, "." for the root. */
const dnsName: Rule<string> = (value) => {
  if (typeof value !== "string") return { problem: "must be a domain name" };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: every character beyond ASCII is meant
  if (/[^\x00-\x7f]/.test(value))
    return { problem: "must be ASCII: write the name in its xn-- form" };
  const name = value.endsWith(".") ? value.slice(0, -1) : value;
  const labels = name.split(".");
  const good =
    value === "." ||
    (name.length <= NAME_CHARACTERS &&
      labels.every((label) => /^[A-Za-z0-9_-]{1,63}$/.test(label)));
  return good ? { value } : { problem: 'must be a domain name such as "www.example.net"' };
};

/** Hex digits in pairs; spaces and colons between them are for the reader. */
const hexBytes: Rule<string> = (value) => {
  if (typeof value === "number") return { problem: "must be quoted: YAML takes it for a number" };
  const digits = typeof value === "string" ? value.replace(/[\s:]/g, "").toLowerCase() : "";
  if (!/^(?:[0-9a-f]{2})+$/.test(digits)) {
    return { problem: 'must be bytes as pairs of hex digits such as "01 ff 7e"' };
  }
  if (digits.length > 2 * MOST_BYTES) {
    return { problem: `must be at most ${MOST_BYTES} bytes, which fit into one packet everywhere` };
  }
  return { value: digits };
};

/** What an answer must begin with; "any" is no byte. */
const expected: Rule<string> = (value) => {
  if (value === "any") return { value: "" };
  const checked = hexBytes(value);
  if ("value" in checked || typeof value === "number") return checked;
  return { problem: 'must be any, or the bytes that an answer begins with, such as "81 80"' };
};

/**
 * Reads what a target's UDP probes say; undefined where it says nothing of it, or something wrong, which is reported.
 * @param path of the target, `targets[3]`
 * @param keys what the keys are called there
 */
export function readPayload(
  reader: Reader,
  map: YamlMap,
  path: string,
  protocol: Protocol,
  keys: PayloadKeys = PAYLOAD_KEYS,
): PayloadSpec | undefined {
  const node = map.entries.get(keys.payload);
  const kind = node && reader.scalar(node, `${path}.${keys.payload}`, oneOf(KINDS));
  const wrong = node !== undefined && kind === undefined;
  if (node !== undefined && protocol !== "udp") {
    reader.report(
      node,
      `${path}.${keys.payload}`,
      `must be removed: only udp probes have one, not ${protocol}`,
    );
  }
  for (const [key, owner] of Object.entries(OWNERS) as [
    keyof typeof OWNERS,
    PayloadSpec["kind"],
  ][]) {
    const extra = map.entries.get(keys[key]);
    if (extra === undefined || wrong || kind === owner) continue;
    reader.report(
      extra,
      `${path}.${keys[key]}`,
      kind === undefined
        ? `needs ${keys.payload}: ${owner} beside it`
        : `must be removed: it belongs to ${keys.payload}: ${owner}, not ${kind}`,
    );
  }
  const needed = (key: "dns" | "hex", rule: Rule<string>, fix: string): string | undefined => {
    const child = map.entries.get(keys[key]);
    if (child !== undefined) return reader.scalar(child, `${path}.${keys[key]}`, rule);
    reader.reportLine(node?.line, `${path}.${keys[key]}`, `is missing: ${fix}`);
    return undefined;
  };
  switch (kind) {
    case undefined:
      return undefined;
    case "dns": {
      const name = needed("dns", dnsName, "give the name to ask for");
      return name === undefined ? undefined : { kind, name };
    }
    case "hex": {
      const bytes = needed("hex", hexBytes, "give the bytes to send as hex digits");
      const child = map.entries.get(keys.expect);
      const expect = child && reader.scalar(child, `${path}.${keys.expect}`, expected);
      return bytes === undefined ? undefined : { kind, bytes, expect: expect ?? "" };
    }
    default:
      return { kind };
  }
}

/** A payload as the file would have it. */
export function payloadInFileWords(
  payload: PayloadSpec | undefined,
): Readonly<Record<string, string>> {
  if (payload === undefined) return {};
  switch (payload.kind) {
    case "dns":
      return { payload: "dns", dns: payload.name };
    case "hex":
      return { payload: "hex", hex: payload.bytes, expect: payload.expect || "any" };
    default:
      return { payload: payload.kind };
  }
}
