import type { Address } from "./address.ts";
import type { BpfInstruction, FilterOptions } from "./bpf.ts";
import { readUint32 } from "./octets.ts";

/** Operation codes (linux/bpf_common.h). */
const LOAD_WORD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const JUMP = 0x05;
const RETURN = 0x06;
/** Bytes from here on are counted from the IP header, wherever the socket's view begins (SKF_NET_OFF). */
const NETWORK_HEADER = 0xfff00000;
/** Where the source address stands, as a raw socket of each kind sees it. */
const SOURCE = { raw: 12, raw6: NETWORK_HEADER + 8 } as const;

/**
 * Puts a test of the sender in front of a program: packets from none of `remotes` are dropped, others go on to it. The
 * kernel takes programs of up to 4,096 instructions; an IPv4 address needs three, an IPv6 address nine.
 * @param linkType the kind of raw socket; addresses of the other family are passed over
 */
export function onlyFrom(
  remotes: readonly Address[],
  linkType: Exclude<FilterOptions["linkType"], "packet">,
  program: readonly BpfInstruction[],
): BpfInstruction[] {
  const family = linkType === "raw" ? 4 : 6;
  const own = remotes.filter((remote) => remote.family === family);
  const size = own.length * lengthOf(family);
  const tests: BpfInstruction[] = [];
  for (const { bytes } of own) {
    const begin = tests.length;
    const next = begin + lengthOf(family);
    for (let at = 0; at < bytes.length; at += 4) {
      const k = readUint32(bytes, at);
      tests.push({ code: LOAD_WORD, jt: 0, jf: 0, k: SOURCE[linkType] + at });
      tests.push({ code: JUMP_IF_EQUAL, jt: 0, jf: next - tests.length - 1, k });
    }
    // Over the tests that are left and the instruction that drops.
    tests.push({ code: JUMP, jt: 0, jf: 0, k: size + 1 - tests.length - 1 });
  }
  return [...tests, { code: RETURN, jt: 0, jf: 0, k: 0 }, ...program];
}

/** Instructions of one address' test. */
function lengthOf(family: 4 | 6): number {
  return (family === 4 ? 1 : 4) * 2 + 1;
}
