import type { Target } from "../flow/target.ts";
import { DnsPayload } from "../packet/payload/dns.ts";
import { HexPayload } from "../packet/payload/hex.ts";
import { NtpPayload } from "../packet/payload/ntp.ts";
import type { UdpPayload } from "../packet/payload/payload.ts";
import { PlainPayload } from "../packet/payload/plain.ts";
import { QuicPayload } from "../packet/payload/quic.ts";
import { StampPayload, type StampSender } from "../packet/payload/stamp.ts";

/**
 * What the packets of one UDP flow say.
 * @param digest twelve keyed bytes of the flow
 * @param sender what the STAMP flows of the target share
 */
export function udpPayload(
  { payload }: Pick<Target, "payload">,
  digest: Uint8Array,
  sender: StampSender,
): UdpPayload {
  switch (payload?.kind) {
    case "dns":
      return new DnsPayload(payload.name, digest);
    case "ntp":
      return new NtpPayload(digest);
    case "quic":
      return new QuicPayload(digest);
    case "stamp":
      return new StampPayload(sender, digest);
    case "hex":
      return new HexPayload(Buffer.from(payload.bytes, "hex"), Buffer.from(payload.expect, "hex"));
    case undefined:
      return new PlainPayload(digest);
  }
}
