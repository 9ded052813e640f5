import type { Socket } from "node:net";
import { parseAddress } from "../packet/address.ts";

/**
 * Whom limits count as one peer: an IPv4 address, also one that a socket of both families shows as IPv6 (RFC 4291,
 * 2.5.5.2), or the /64 of an IPv6 address, since a host may use every address of its /64 (RFC 4291, 2.5.1).
 */
export function peerNetwork({ remoteAddress = "" }: Pick<Socket, "remoteAddress">): string {
  const [unzoned = ""] = remoteAddress.split("%");
  const text = unzoned.startsWith("::ffff:") ? unzoned.slice("::ffff:".length) : unzoned;
  const address = parseAddress(text);
  if (address === undefined || address.family === 4) return text;
  return `${Buffer.from(address.bytes.subarray(0, 8)).toString("hex")}/64`;
}
