import { endianness } from "node:os";

/** One instruction of a classic BPF program: `struct sock_filter`. */
export interface BpfInstruction {
  /** Operation code, 16 bits. */
  readonly code: number;
  /** Instructions to skip where the condition holds, 0 to 255. */
  readonly jt: number;
  /** Instructions to skip where it does not, 0 to 255. */
  readonly jf: number;
  /** Operand, 32 bits unsigned. */
  readonly k: number;
}

/** An inclusive range of ports, 0 to 65535, `first` not above `last`. */
export interface PortRangeLike {
  readonly first: number;
  readonly last: number;
}

/** What {@link buildFilter} makes a filter for. */
export interface FilterOptions {
  /** Destination ports of replies, that is the source ports of the probes; in any order, may overlap. */
  readonly ports: readonly PortRangeLike[];
  /**
   * `packet`: an AF_PACKET socket of type SOCK_DGRAM. `raw`: a raw IPv4 socket. Both see packets from the IP header on.
   * `raw6`: a raw IPv6 socket, which sees what is behind that header and any extension headers.
   */
  readonly linkType: "packet" | "raw" | "raw6";
}

/** Operation codes (linux/bpf_common.h): class, size and addressing mode in one number. */
const OP = {
  loadWord: 0x20,
  loadHalf: 0x28,
  loadByte: 0x30,
  loadHalfAtX: 0x48,
  loadByteAtX: 0x50,
  setX: 0x01,
  /** X = 4 * (byte at k & 15): the length of an IPv4 header in one instruction. */
  setXToHeaderLength: 0xb1,
  and: 0x54,
  jumpIfEqual: 0x15,
  jumpIfGreater: 0x25,
  jumpIfNotBelow: 0x35,
  jumpIfAnyBit: 0x45,
  return: 0x06,
} as const;

/** What the kernel knows beside the bytes is read from these places (linux/filter.h, SKF_AD_*). */
const ANCILLARY_PROTOCOL = 0xfffff000;
const ANCILLARY_PACKET_TYPE = 0xfffff004;
/** Bytes from here on are counted from the IP header, wherever the socket's view begins (SKF_NET_OFF). */
const NETWORK_HEADER = 0xfff00000;
const PACKET_OUTGOING = 4;
const ETHERTYPE = { ipv4: 0x0800, ipv6: 0x86dd } as const;

const IPV6_HEADER = 40;
const TCP_RST = 0x04;
const TCP_SYN_ACK = 0x12;

/** The kernel runs the program over every packet of the host; past this many ranges one that covers them all is cheaper. */
const MAX_RANGES = 16;

/** Return values: how many bytes of the packet to keep. */
const KEEP = 65535;
const DROP = 0;

type Label = "ipv6" | "transport" | "ports" | "drop" | "keep";

/** An instruction whose jumps name the label they go to; a target left out is the next instruction. */
interface Step {
  readonly label?: Label;
  readonly code: number;
  readonly k: number;
  readonly jt?: Label;
  readonly jf?: Label;
}

/**
 * The program that keeps the replies to our probes: TCP (SYN-ACK or RST) and UDP to one of `ports`, ICMP echo replies and
 * errors. Fragments other than the first, IPv6 extension headers and, on a packet socket, what the host itself
 * sends are dropped. Without ports only ICMP is kept. It returns 65535 to keep a packet and 0 to drop it.
 */
export function buildFilter({ linkType, ports }: FilterOptions): BpfInstruction[] {
  const behindHeader = linkType === "raw6";
  return assemble([
    ...(behindHeader ? [] : [...DISPATCH[linkType], ...ipv4Steps]),
    { label: "ipv6", code: OP.setX, k: behindHeader ? 0 : IPV6_HEADER },
    { code: OP.loadByte, k: behindHeader ? NETWORK_HEADER + 6 : 6 },
    { code: OP.jumpIfEqual, k: 58, jf: "transport" },
    { code: OP.loadByteAtX, k: 0 },
    { code: OP.jumpIfEqual, k: 1, jt: "keep" },
    { code: OP.jumpIfEqual, k: 3, jt: "keep" },
    { code: OP.jumpIfEqual, k: 129, jt: "keep", jf: "drop" },
    // From here on both families are alike: A holds the protocol, X the length of the IP header.
    { label: "transport", code: OP.jumpIfEqual, k: 17, jt: "ports" },
    { code: OP.jumpIfEqual, k: 6, jf: "drop" },
    { code: OP.loadByteAtX, k: 13 },
    { code: OP.jumpIfAnyBit, k: TCP_RST, jt: "ports" },
    { code: OP.and, k: TCP_SYN_ACK },
    { code: OP.jumpIfEqual, k: TCP_SYN_ACK, jf: "drop" },
    { label: "ports", code: OP.loadHalfAtX, k: 2 },
    // In ascending order, so a port below the first of a range is in none.
    ...mergeRanges(ports).flatMap(({ first, last }): Step[] => [
      { code: OP.jumpIfNotBelow, k: first, jf: "drop" },
      { code: OP.jumpIfGreater, k: last, jf: "keep" },
    ]),
    { label: "drop", code: OP.return, k: DROP },
    { label: "keep", code: OP.return, k: KEEP },
  ]);
}

/** The bytes of a `struct sock_filter` array in this machine's byte order: code (2), jt (1), jf (1), k (4). */
export function encodeProgram(instructions: readonly BpfInstruction[]): Uint8Array {
  const little = endianness() === "LE";
  const out = new Uint8Array(8 * instructions.length);
  const view = new DataView(out.buffer);
  instructions.forEach((instruction, i) => {
    view.setUint16(8 * i, instruction.code, little);
    view.setUint8(8 * i + 2, instruction.jt);
    view.setUint8(8 * i + 3, instruction.jf);
    view.setUint32(8 * i + 4, instruction.k, little);
  });
  return out;
}

/** How the family is told where a socket sees both, and what goes on behind: the step labelled `ipv6`, or the next one. */
const DISPATCH: Readonly<Record<"packet" | "raw", readonly Step[]>> = {
  packet: [
    { code: OP.loadWord, k: ANCILLARY_PACKET_TYPE },
    { code: OP.jumpIfEqual, k: PACKET_OUTGOING, jt: "drop" },
    { code: OP.loadWord, k: ANCILLARY_PROTOCOL },
    { code: OP.jumpIfEqual, k: ETHERTYPE.ipv6, jt: "ipv6" },
    { code: OP.jumpIfEqual, k: ETHERTYPE.ipv4, jf: "drop" },
  ],
  raw: [
    { code: OP.loadByte, k: 0 },
    { code: OP.and, k: 0xf0 },
    { code: OP.jumpIfEqual, k: 0x60, jt: "ipv6" },
    { code: OP.jumpIfEqual, k: 0x40, jf: "drop" },
  ],
};

const ipv4Steps: readonly Step[] = [
  { code: OP.loadHalf, k: 6 },
  { code: OP.jumpIfAnyBit, k: 0x1fff, jt: "drop" },
  { code: OP.setXToHeaderLength, k: 0 },
  { code: OP.loadByte, k: 9 },
  { code: OP.jumpIfEqual, k: 1, jf: "transport" },
  { code: OP.loadByteAtX, k: 0 },
  { code: OP.jumpIfEqual, k: 0, jt: "keep" },
  { code: OP.jumpIfEqual, k: 3, jt: "keep" },
  { code: OP.jumpIfEqual, k: 11, jt: "keep", jf: "drop" },
];

/** Sorted, disjoint, not adjacent, and at most {@link MAX_RANGES}. */
function mergeRanges(ranges: readonly PortRangeLike[]): PortRangeLike[] {
  const merged: PortRangeLike[] = [];
  for (const range of [...ranges].sort((a, b) => a.first - b.first)) {
    const before = merged.at(-1);
    if (before === undefined || range.first > before.last + 1) merged.push(range);
    else
      merged[merged.length - 1] = { first: before.first, last: Math.max(before.last, range.last) };
  }
  const lowest = merged.at(0);
  const highest = merged.at(-1);
  if (merged.length <= MAX_RANGES || lowest === undefined || highest === undefined) return merged;
  return [{ first: lowest.first, last: highest.last }];
}

/** Turns labels into distances. There are at most 62 steps, so every distance fits in the 8 bits of `jt` and `jf`. */
function assemble(steps: readonly Step[]): BpfInstruction[] {
  const positions = new Map<Label, number>();
  steps.forEach((step, i) => {
    if (step.label !== undefined) positions.set(step.label, i);
  });
  return steps.map((step, i) => {
    const distance = (label: Label | undefined): number =>
      label === undefined ? 0 : (positions.get(label) ?? 0) - i - 1;
    return { code: step.code, jt: distance(step.jt), jf: distance(step.jf), k: step.k };
  });
}
