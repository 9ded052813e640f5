import { type Address, parseAddress } from "../packet/address.ts";
import type { Rule } from "./rules.ts";

/** One label of a host name (RFC 1123 section 2.1); underscores occur in the names of services. */
const LABEL = /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$/;

/** Longest host name in text form, without the final dot (RFC 1035 section 2.3.4). */
const NAME_CHARACTERS = 253;

/** Whether the address stands for one host: neither 0.0.0.0 and ::, nor multicast, nor 240.0.0.0/4 with the broadcast. */
function isUnicast(address: Address): boolean {
  const [first = 0] = address.bytes;
  if (address.family === 4) return first > 0 && first < 224;
  return first !== 0xff && address.bytes.some((byte) => byte !== 0);
}

/** Whether the address means nothing without the link it is on: fe80::/10 (RFC 4291 section 2.5.6). */
function isLinkLocal({ family, bytes: [first = 0, second = 0] }: Address): boolean {
  return family === 6 && first === 0xfe && (second & 0xc0) === 0x80;
}

/** A unicast IP address or a host name. */
export const hostRule: Rule<string> = (value) => {
  if (typeof value !== "string") return { problem: "must be an IP address or a host name" };
  const address = parseAddress(value);
  if (address !== undefined) {
    const mapped = /^::ffff:(\d.*\..*)$/.exec(address.text)?.[1];
    if (mapped !== undefined) return { problem: `must be written as the IPv4 address ${mapped}` };
    if (isLinkLocal(address)) {
      return { problem: "must not be link-local: link-local packets cross no router" };
    }
    return isUnicast(address) ? { value } : { problem: "must be the address of one host" };
  }
  if (value.includes("://")) return { problem: "must be an IP address or a host name, not a URL" };
  if (value.startsWith("[")) return { problem: "must be an address without brackets" };
  if (value.includes("%")) return { problem: "must be an address without a zone" };
  if (/^[^:]+:\d+$/.test(value)) return { problem: "must not contain the port: set it as port" };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: every character beyond ASCII is meant
  if (/[^\x00-\x7f]/.test(value))
    return { problem: "must be ASCII: write the name in its xn-- form" };
  const name = value.endsWith(".") ? value.slice(0, -1) : value;
  const labels = name.split(".");
  // No top-level domain is a number (RFC 3696 section 2): 10.0.0 and 300.1.1.1 are mistyped addresses.
  const numeric = /^\d+$/.test(labels.at(-1) ?? "");
  if (numeric || name.length > NAME_CHARACTERS || !labels.every((label) => LABEL.test(label))) {
    return { problem: "is neither an IP address nor a host name" };
  }
  return { value };
};
