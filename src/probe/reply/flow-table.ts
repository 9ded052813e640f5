import { equalAt, readUint32 } from "../../packet/octets.ts";
import type { ProbedFlow, ProbedTarget } from "../probed-flow.ts";
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

/** Whether an IPv6 packet came to `source`, or to an address that is not known: no real packet is sent to `::`. */
function isLocal(source: Uint8Array, bytes: Uint8Array, offset: number): boolean {
  if (equalAt(bytes, offset, source)) return true;
  for (let index = 0; index < source.length; index += 1)
    if (bytes[offset + index] !== 0) return false;
  return true;
}

/** Places of an empty table, a power of two; it doubles before more than half of them are taken. */
const FIRST_PLACES = 64;

/**
 * The active flows by their 5-tuple. The key is a 32-bit number made from the packet's own bytes, so that a lookup
 * allocates nothing and serves both families; flows with the same key are told apart exactly. Our own address is not in
 * the key: a raw IPv6 socket does not say which one a packet came to, and gives `::`.
 *
 * Open addressing, a flow at the first free place from the one that its key asks for on. A lookup reads keys side by side
 * and then one flow; a map of numbers to lists reads three places that are far apart, and there is one lookup a packet.
 *
 *     keys   [ 7 ][   ][ 3 ][ 3 ][ 9 ][   ]
 *     flows  [ a ][   ][ b ][ c ][ d ][   ]      b and c share a key, d was asked for at c's place
 */
export class FlowTable {
  #keys: Int32Array = new Int32Array(FIRST_PLACES);
  #flows: (ProbedFlow | undefined)[] = new Array(FIRST_PLACES).fill(undefined);
  #size = 0;

  /** Number of flows in the table. */
  get size(): number {
    return this.#size;
  }

  /** @returns false, and changes nothing, where the table holds the same 5-tuple already */
  add(flow: ProbedFlow): boolean {
    if (2 * (this.#size + 1) > this.#flows.length) this.#grow();
    const key = keyOf(flow);
    const mask = this.#flows.length - 1;
    let at = placeOf(key) & mask;
    for (let other = this.#flows[at]; other !== undefined; other = this.#flows[at]) {
      if (this.#keys[at] === key && sameTuple(other, flow)) return false;
      at = (at + 1) & mask;
    }
    this.#keys[at] = key;
    this.#flows[at] = flow;
    this.#size += 1;
    return true;
  }

  /** Takes a flow out; one that is not in is no error. */
  remove(flow: ProbedFlow): void {
    const flows = this.#flows;
    const mask = flows.length - 1;
    let at = placeOf(keyOf(flow)) & mask;
    while (flows[at] !== flow) {
      if (flows[at] === undefined) return;
      at = (at + 1) & mask;
    }
    this.#size -= 1;
    // Those behind move up, as far as they were asked for before the gap: a lookup ends at the first free place.
    for (let next = (at + 1) & mask; flows[next] !== undefined; next = (next + 1) & mask) {
      const key = this.#keys[next] ?? 0;
      const away = (next - placeOf(key)) & mask;
      if (away < ((next - at) & mask)) continue;
      this.#keys[at] = key;
      flows[at] = flows[next];
      at = next;
    }
    flows[at] = undefined;
  }

  /** The flow a reply belongs to. */
  find(bytes: Uint8Array, tuple: ReplyTuple): ProbedFlow | undefined {
    const key = keyOfReply(bytes, tuple);
    const mask = this.#flows.length - 1;
    for (let at = placeOf(key) & mask; ; at = (at + 1) & mask) {
      const flow = this.#flows[at];
      if (flow === undefined) return undefined;
      if (this.#keys[at] === key && isOf(flow, bytes, tuple)) return flow;
    }
  }

  #grow(): void {
    const [keys, flows] = [this.#keys, this.#flows];
    const mask = 2 * flows.length - 1;
    this.#keys = new Int32Array(2 * flows.length);
    this.#flows = new Array(2 * flows.length).fill(undefined);
    for (const [from, flow] of flows.entries()) {
      if (flow === undefined) continue;
      const key = keys[from] ?? 0;
      let at = placeOf(key) & mask;
      while (this.#flows[at] !== undefined) at = (at + 1) & mask;
      this.#keys[at] = key;
      this.#flows[at] = flow;
    }
  }
}

/** Where a key is looked for first: its high bits count as well as its low ones. */
function placeOf(key: number): number {
  return Math.imul(key ^ (key >>> 16), 0x9e3779b1) >>> 8;
}

/** Whether a packet goes from a flow's target to its port. */
export function isOf(
  { sourcePort, target }: ProbedFlow,
  bytes: Uint8Array,
  tuple: ReplyTuple,
): boolean {
  return (
    sourcePort === tuple.localPort &&
    target.port === tuple.remotePort &&
    target.protocolNumber === tuple.protocol &&
    hasEnds(target, bytes, tuple)
  );
}

/** Whether a packet goes between the target's address and this host's. */
function hasEnds(probed: ProbedTarget, bytes: Uint8Array, tuple: ReplyTuple): boolean {
  const { remoteNumber, localNumber } = probed;
  if (tuple.family === 4) {
    return (
      (readUint32(bytes, tuple.remoteOffset) | 0) === remoteNumber &&
      (readUint32(bytes, tuple.localOffset) | 0) === localNumber
    );
  }
  const { address, source } = probed.target;
  return (
    address.family === 6 &&
    equalAt(bytes, tuple.remoteOffset, address.bytes) &&
    isLocal(source.bytes, bytes, tuple.localOffset)
  );
}

function keyOfReply(bytes: Uint8Array, tuple: ReplyTuple): number {
  const length = tuple.family === 4 ? 4 : 16;
  const key = mixBytes(tuple.protocol, bytes, tuple.remoteOffset, length);
  return mixNumber(mixNumber(key, tuple.localPort), tuple.remotePort);
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
