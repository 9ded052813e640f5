import type { Protocol } from "../flow/target.ts";
import { UsageError } from "./usage-error.ts";

/** How a payload is written on the command line. */
export const PAYLOAD_HELP = "dns:NAME, ntp, quic, stamp or hex:BYTES";

/** Kinds that need something behind a colon, as the label that holds it. */
const DETAILS: Readonly<Record<string, string>> = { dns: "__ecmp_dns__", hex: "__ecmp_hex__" };
const PLAIN = ["ntp", "quic", "stamp"];

/**
 * The labels by which a target file would ask for this payload; whether the name or the bytes are good is asked there.
 * @param text `dns:www.example.net`, `ntp`, `hex:01ff`; undefined for none
 * @throws {UsageError}
 */
export function payloadLabels(
  text: string | undefined,
  protocol: Protocol,
): Readonly<Record<string, string>> {
  if (text === undefined) return {};
  if (protocol !== "udp") throw new UsageError("--payload needs --protocol=udp");
  const [kind = "", detail] = text.split(/:(.*)/s, 2);
  const label = DETAILS[kind];
  const fits = label === undefined ? PLAIN.includes(kind) && detail === undefined : detail;
  if (!fits) throw new UsageError(`--payload must be ${PAYLOAD_HELP}, not "${text}"`);
  return { __ecmp_payload__: kind, ...(label && { [label]: detail ?? "" }) };
}
