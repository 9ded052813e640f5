/** Hops remembered; beyond, the one not heard of for longest makes room. */
const MOST_HOPS = 4096;
/** Interfaces remembered of one hop. */
const MOST_INTERFACES = 16;

/** An interface that packets come in by, as far as its router says. */
export interface IncomingInterface {
  readonly address: string | undefined;
  readonly name: string | undefined;
}

interface Known {
  readonly addresses: Set<string>;
  readonly names: Set<string>;
}

/** The interfaces that packets come in by, as hops name them (RFC 5837). */
export class IncomingInterfaces {
  readonly #byHop: Map<string, Known> = new Map();

  /** A hop has named this interface. */
  add(hop: string, { address, name }: IncomingInterface): void {
    const known = this.#byHop.get(hop) ?? { addresses: new Set(), names: new Set() };
    if (address !== undefined && known.addresses.size < MOST_INTERFACES)
      known.addresses.add(address);
    if (name !== undefined && known.names.size < MOST_INTERFACES) known.names.add(name);
    this.#byHop.delete(hop);
    this.#byHop.set(hop, known);
    const [oldest] = this.#byHop.keys();
    if (this.#byHop.size > MOST_HOPS && oldest !== undefined) this.#byHop.delete(oldest);
  }

  /** The address of the one interface that packets to the hop come in by; undefined where none is known, or several are. */
  addressOf(hop: string): string | undefined {
    return only(this.#byHop.get(hop)?.addresses);
  }

  /** Every hop of one such interface with the interface's name. */
  *named(): Generator<readonly [hop: string, name: string]> {
    for (const [hop, { names }] of this.#byHop) {
      const name = only(names);
      if (name !== undefined) yield [hop, name];
    }
  }
}

function only(values: ReadonlySet<string> | undefined): string | undefined {
  return values?.size === 1 ? [...values][0] : undefined;
}
