import { equalAt } from "../../packet/octets.ts";
import type { ProbedFlow } from "../probed-flow.ts";
import type { ReplyTuple } from "./reply.ts";

/** FNV-1a over bytes, continued from `hash`. */
function mixBytes(hash: number, bytes: Uint8Array, offset: number, length: number): number {
  let h = hash;
  for (let index = 0; index < length; index += 1) {
    h = Math.imul(h ^ (bytes[offset + index] ?? 0), 0x01000193);
  }
  return h;
}

function mixNumber(hash: number, value: number): number {
  return Math.imul(Math.imul(hash ^ (value & 0xff), 0x01000193) ^ (value >>> 8), 0x01000193);
}

/** Whether a packet came to `source`, or (IPv6) to an address that is not known: no real packet is sent to `::`. */
function isLocal(source: Uint8Array, bytes: Uint8Array, offset: number): boolean {
  if (equalAt(bytes, offset, source)) return true;
  if (source.length === 4) return false;
  for (let index = 0; index < source.length; index += 1)
    if (bytes[offset + index] !== 0) return false;
  return true;
}

/**
 * The active flows by their 5-tuple. The key is a 32-bit number made from the packet's own bytes, so that a lookup
 * allocates nothing and serves both families; flows with the same key form a chain and are told apart exactly. Our own
 * address is not in the key: a raw IPv6 socket does not say which one a packet came to, and gives `::`.
 */
export class FlowTable {
  readonly #heads: Map<number, ProbedFlow[]> = new Map();
  #size = 0;

  /** Number of flows in the table. */
  get size(): number {
    return this.#size;
  }

  /** @returns false, and changes nothing, where the table holds the same 5-tuple already */
  add(flow: ProbedFlow): boolean {
    const key = keyOf(flow);
    const chain = this.#heads.get(key);
    if (chain?.some((other) => sameTuple(other, flow)) === true) return false;
    // An array that is pushed to has room for seventeen; most chains are of one.
    this.#heads.set(key, chain === undefined ? [flow] : [...chain, flow]);
    this.#size += 1;
    return true;
  }

  /** Takes a flow out; one that is not in is no error. */
  remove(flow: ProbedFlow): void {
    const key = keyOf(flow);
    const chain = this.#heads.get(key);
    const at = chain?.indexOf(flow) ?? -1;
    if (chain === undefined || at < 0) return;
    chain.splice(at, 1);
    if (chain.length === 0) this.#heads.delete(key);
    this.#size -= 1;
  }

  /** The flow a reply belongs to. */
  find(bytes: Uint8Array, tuple: ReplyTuple): ProbedFlow | undefined {
    const length = tuple.family === 4 ? 4 : 16;
    let key = mixBytes(tuple.protocol, bytes, tuple.remoteOffset, length);
    key = mixNumber(mixNumber(key, tuple.localPort), tuple.remotePort);
    const chain = this.#heads.get(key);
    if (chain === undefined) return undefined;
    for (const flow of chain) {
      const { target } = flow;
      if (
        flow.sourcePort === tuple.localPort &&
        target.target.port === tuple.remotePort &&
        target.protocolNumber === tuple.protocol &&
        target.target.address.family === tuple.family &&
        equalAt(bytes, tuple.remoteOffset, target.target.address.bytes) &&
        isLocal(target.target.source.bytes, bytes, tuple.localOffset)
      ) {
        return flow;
      }
    }
    return undefined;
  }
}

function keyOf(flow: ProbedFlow): number {
  const { address, port } = flow.target.target;
  const key = mixBytes(flow.target.protocolNumber, address.bytes, 0, address.bytes.length);
  return mixNumber(mixNumber(key, flow.sourcePort), port);
}

function sameTuple(a: ProbedFlow, b: ProbedFlow): boolean {
  return (
    a.sourcePort === b.sourcePort &&
    a.target.protocolNumber === b.target.protocolNumber &&
    a.target.target.port === b.target.target.port &&
    a.target.target.address.text === b.target.target.address.text &&
    a.target.target.source.text === b.target.target.source.text
  );
}
