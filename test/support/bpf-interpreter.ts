/*
 * A classic BPF machine after "The BSD Packet Filter" (McCanne, Jacobson 1993) and the kernel's Documentation/networking/filter.rst,
 * with as much of the instruction set as socket filters use. It is stricter than the kernel: whatever the kernel's
 * checker would refuse is thrown as an error.
 */

/** What the kernel knows about a packet beside its bytes. */
export interface Ancillary {
  /** Ethertype in host order (SKF_AD_PROTOCOL). */
  readonly protocol?: number;
  /** PACKET_HOST 0, PACKET_BROADCAST 1, PACKET_MULTICAST 2, PACKET_OTHERHOST 3, PACKET_OUTGOING 4 (SKF_AD_PKTTYPE). */
  readonly packetType?: number;
  /** Where in the packet the socket's view begins: 0, its IP header, if absent. */
  readonly viewOffset?: number;
}

/** Loads from here on count from the IP header (SKF_NET_OFF). */
const SKF_NET_OFF = 0xfff00000;

const SKF_AD_OFF = 0xfffff000;

/** Runs an array of `struct sock_filter` in this machine's byte order over a packet; returns the number of bytes to keep. */
export function runFilter(
  program: Uint8Array,
  packet: Uint8Array,
  ancillary: Ancillary = {},
): number {
  if (program.length === 0 || program.length % 8 !== 0) throw new Error("not a sock_filter array");
  const copy = program.slice().buffer;
  const halves = new Uint16Array(copy);
  const bytes = new Uint8Array(copy);
  const words = new Uint32Array(copy);
  const count = program.length / 8;
  const view = packet.subarray(ancillary.viewOffset ?? 0);
  const read = (k: number, size: number): number | undefined =>
    k >= SKF_NET_OFF ? load(packet, k - SKF_NET_OFF, size) : load(view, k, size);
  let a = 0;
  let x = 0;
  let at = 0;
  for (;;) {
    if (at >= count) throw new Error(`ran past the last instruction to ${at}`);
    const code = halves[4 * at] ?? 0;
    const jt = bytes[8 * at + 2] ?? 0;
    const jf = bytes[8 * at + 3] ?? 0;
    const k = words[2 * at + 1] ?? 0;
    at += 1;
    const jump = (condition: boolean): void => {
      at += condition ? jt : jf;
    };
    // A load that reaches beyond the packet ends the program with 0.
    let loaded: number | undefined = 0;
    switch (code) {
      case 0x20: // ld  [k]
        loaded = k >= SKF_AD_OFF ? loadAncillary(ancillary, k) : read(k, 4);
        if (loaded === undefined) return 0;
        a = loaded;
        break;
      case 0x28: // ldh [k]
        loaded = read(k, 2);
        if (loaded === undefined) return 0;
        a = loaded;
        break;
      case 0x30: // ldb [k]
        loaded = read(k, 1);
        if (loaded === undefined) return 0;
        a = loaded;
        break;
      case 0x48: // ldh [x + k]
        loaded = load(view, x + k, 2);
        if (loaded === undefined) return 0;
        a = loaded;
        break;
      case 0x50: // ldb [x + k]
        loaded = load(view, x + k, 1);
        if (loaded === undefined) return 0;
        a = loaded;
        break;
      case 0x01: // ldx #k
        x = k;
        break;
      case 0xb1: // ldxb 4*([k]&0xf)
        loaded = read(k, 1);
        if (loaded === undefined) return 0;
        x = 4 * (loaded % 16);
        break;
      case 0x54: // and #k
        a = (a & k) >>> 0;
        break;
      case 0x05: // ja k
        at += k;
        break;
      case 0x15: // jeq #k
        jump(a === k);
        break;
      case 0x25: // jgt #k
        jump(a > k);
        break;
      case 0x35: // jge #k
        jump(a >= k);
        break;
      case 0x45: // jset #k
        jump((a & k) !== 0);
        break;
      case 0x06: // ret #k
        return k;
      default:
        throw new Error(`instruction ${at - 1} has the unknown code 0x${code.toString(16)}`);
    }
  }
}

function load(packet: Uint8Array, offset: number, size: number): number | undefined {
  if (offset + size > packet.length) return undefined;
  return packet.subarray(offset, offset + size).reduce((value, byte) => value * 256 + byte, 0);
}

function loadAncillary(ancillary: Ancillary, k: number): number {
  const value = { 0: ancillary.protocol, 4: ancillary.packetType }[k - SKF_AD_OFF];
  if (value === undefined) throw new Error(`ancillary load of ${k - SKF_AD_OFF} without a value`);
  return value;
}
