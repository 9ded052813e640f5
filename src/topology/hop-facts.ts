import type { InterfaceInfo } from "../packet/interface-info.ts";
import type { MplsEntry } from "../packet/mpls.ts";
import type { HopReport, Translation } from "../probe/reply/hop-report.ts";

/** What is not seen again within this time is forgotten; surveys come every few minutes. */
const AGE_MS = 3_600_000;
/** Hops remembered of one target; beyond, the one not heard of for longest makes room. */
const MAX_HOPS = 1024;
/** Label stacks remembered of one hop: with entropy labels every flow has its own (RFC 6790). */
const MAX_STACKS = 8;
/** Interfaces remembered of one hop. */
const MAX_INTERFACES = 16;

/** What a hop's own answers show beside its address. */
export interface HopFacts {
  readonly address: string;
  /** The lowest TTL at which it answered; null where only end-to-end probes met it. */
  ttl: number | null;
  /** TTL that packets arrived with: 1 as a rule. */
  quotedTtl: number;
  /** Differentiated services code point that packets arrived with. */
  dscp: number;
  /** Packets arrived with other addresses or ports than they were sent with. */
  translated: boolean;
  /** Distinct MPLS label stacks that packets arrived with, the latest last. */
  stacks: readonly (readonly MplsEntry[])[];
  /** Interfaces that it has named (RFC 5837), the latest last. */
  interfaces: readonly InterfaceInfo[];
  /** When it was heard of last. */
  at: number;
}

/** What is known of a NAT on the way. */
export interface NatFacts {
  /** Quoted packets that were translated, since the target is probed. */
  readonly replies: number;
  /** The lowest TTL behind the translation; null where that is not known. */
  readonly fromTtl: number | null;
  /** What the latest such packet had become. */
  readonly translation: Translation;
}

/** Facts of the way to one target, from what routers quote: translations, label stacks, code points, odd TTLs. */
export class OnPath {
  readonly #hops: Map<string, HopFacts> = new Map();
  #translated = 0;
  #latest: { readonly translation: Translation; readonly at: number } | undefined;

  /** An ICMP error that belongs to a packet of the target's showed this. */
  add(report: HopReport, now: number): void {
    const { responder, translation, mpls } = report;
    const address = responder.text;
    const before = this.#hops.get(address);
    const hop: HopFacts = before ?? { ...blank(report), address, at: now };
    if (report.ttl > 0) hop.ttl = Math.min(hop.ttl ?? report.ttl, report.ttl);
    hop.quotedTtl = report.quotedTtl;
    hop.dscp = report.dscp;
    hop.translated = translation !== undefined;
    if (mpls.length > 0) hop.stacks = withStack(hop.stacks, mpls);
    for (const each of report.interfaces) hop.interfaces = withInterface(hop.interfaces, each);
    hop.at = now;
    // Set anew, so that the order is that of hearing of them.
    this.#hops.delete(address);
    this.#hops.set(address, hop);
    const [oldest] = this.#hops.keys();
    if (this.#hops.size > MAX_HOPS && oldest !== undefined) this.#hops.delete(oldest);
    if (translation === undefined) return;
    this.#translated += 1;
    this.#latest = { translation, at: now };
  }

  /** Every hop that was heard of lately, nearest first; those whose TTL is not known last. */
  hops(): HopFacts[] {
    const place = ({ ttl }: HopFacts): number => ttl ?? Number.MAX_SAFE_INTEGER;
    return [...this.#hops.values()].sort((a, b) => place(a) - place(b));
  }

  /** What a hop's own answers have shown; undefined for one that was not heard of lately. */
  of(address: string): HopFacts | undefined {
    return this.#hops.get(address);
  }

  /** The NAT on the way; undefined where none has shown lately. */
  get nat(): NatFacts | undefined {
    if (this.#latest === undefined) return undefined;
    const { translation } = this.#latest;
    const first = this.hops().find(({ translated }) => translated);
    return { replies: this.#translated, fromTtl: first?.ttl ?? null, translation };
  }

  /** The nearest hop that packets reached with another code point than they were sent with; undefined where none did. */
  dscpChange(sent: number): HopFacts | undefined {
    return this.hops().find(({ dscp }) => dscp !== sent);
  }

  /** Forgets what has grown old. */
  prune(now: number): void {
    for (const [address, { at }] of this.#hops) {
      if (now - at <= AGE_MS) break;
      this.#hops.delete(address);
    }
    if (this.#latest !== undefined && now - this.#latest.at > AGE_MS) this.#latest = undefined;
  }
}

function blank({ quotedTtl, dscp }: HopReport): Omit<HopFacts, "address" | "at"> {
  return { ttl: null, quotedTtl, dscp, translated: false, stacks: [], interfaces: [] };
}

/** The stacks with this one last, told apart by their labels: TTLs and traffic classes change with every packet. */
function withStack(
  stacks: readonly (readonly MplsEntry[])[],
  stack: readonly MplsEntry[],
): (readonly MplsEntry[])[] {
  const labels = (entries: readonly MplsEntry[]): string =>
    entries.map(({ label }) => label).join(" ");
  const others = stacks.filter((known) => labels(known) !== labels(stack));
  return [...others, stack].slice(-MAX_STACKS);
}

/** The interfaces with this one last; one is told from another by all that is said of it but its MTU. */
function withInterface(
  interfaces: readonly InterfaceInfo[],
  added: InterfaceInfo,
): readonly InterfaceInfo[] {
  const others = interfaces.filter(
    ({ role, index, name, address }) =>
      role !== added.role ||
      index !== added.index ||
      name !== added.name ||
      address?.text !== added.address?.text,
  );
  return [...others, added].slice(-MAX_INTERFACES);
}

/** The name of the interface that packets to a hop come in by; undefined where it names none, or several. */
export function incomingName(hop: HopFacts | undefined): string | undefined {
  const names = new Set(
    hop?.interfaces.flatMap(({ role, name }) => (role === "incoming" && name ? [name] : [])),
  );
  return names.size === 1 ? [...names][0] : undefined;
}
