import { createSocket } from "node:dgram";
import type { TargetSpec } from "../flow/target.ts";
import { type Address, parseAddress } from "../packet/address.ts";
import { type Lookup, nameLookup } from "./name-lookup.ts";

/** What became of a target's name. An error is the target's own state and says nothing about others. */
export type Resolution = { readonly addresses: readonly Address[] } | { readonly error: string };

const FAMILIES = { auto: 0, ipv4: 4, ipv6: 6 } as const;

/** Sentences for the codes that name servers' answers commonly have; others are shown as they are. */
const LOOKUP_ERRORS: Readonly<Record<string, string>> = {
  ENOTFOUND: "no such name, or no address of this family",
  EAI_AGAIN: "the name server did not answer",
  ETIMEOUT: "the name server did not answer",
};

/**
 * The addresses a target stands for. A host that is an address stands for itself. With `resolve: all` every address of the
 * name, sorted by text; with `first` one: the one it had, while that is still among the answers, else the first IPv4 address,
 * else the first IPv6 address. Addresses with a zone are no answers.
 * @param previous the address that the target had before
 */
export async function resolveSpec(
  spec: TargetSpec,
  lookup: Lookup = nameLookup(),
  previous?: Address,
): Promise<Resolution> {
  const literal = parseAddress(spec.host);
  if (literal !== undefined) return { addresses: [literal] };
  const family = FAMILIES[spec.family];
  let found: Address[];
  try {
    const answers = await lookup(spec.host, { all: true, family });
    found = answers
      .map(({ address }) => parseAddress(address))
      .filter((address) => address !== undefined);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    const words = LOOKUP_ERRORS[code];
    return {
      error: `cannot resolve ${spec.host}: ${words === undefined ? code : `${words} (${code})`}`,
    };
  }
  if (family !== 0) found = found.filter((address) => address.family === family);
  const byText = new Map(found.map((address) => [address.text, address]));
  // IPv4 before IPv6; within a family the order of the answers, which is the resolver's preference.
  const ordered = [...byText.values()].sort((a, b) => a.family - b.family);
  const [first] = ordered;
  if (first === undefined) {
    return { error: `cannot resolve ${spec.host}: no usable address among the answers` };
  }
  if (spec.resolve === "all") {
    return { addresses: ordered.sort((a, b) => (a.text < b.text ? -1 : 1)) };
  }
  return { addresses: [byText.get(previous?.text ?? "") ?? first] };
}

/** Any port will do for asking the routing table, since connecting a UDP socket sends nothing: discard (RFC 863). */
const ASKING_PORT = 9;

/** What the kernel has said of an address holds for so long: a thousand targets may be at one, and all are asked for together. */
const HOLDS_MS = 1000;

/** The source addresses that the kernel would give packets. */
export class SourceAddresses {
  readonly #asked: Map<string, Promise<Address | string>> = new Map();

  /**
   * That of packets to a destination, by the routing table of this moment, give or take a second.
   * @param known what is known of it already
   * @returns the address, or a sentence that says why there is none (no route, no address of the family)
   */
  of(address: Address, known?: Address): Promise<Address | string> {
    if (known !== undefined) return Promise.resolve(known);
    let asked = this.#asked.get(address.text);
    if (asked === undefined) {
      asked = sourceAddressFor(address);
      this.#asked.set(address.text, asked);
      setTimeout(() => this.#asked.delete(address.text), HOLDS_MS).unref();
    }
    return asked;
  }
}

/** The same, asked anew. */
export function sourceAddressFor(address: Address): Promise<Address | string> {
  return new Promise((done) => {
    const socket = createSocket(address.family === 4 ? "udp4" : "udp6");
    const finish = (result: Address | string): void => {
      socket.close();
      done(result);
    };
    const failed = (error: Error): void =>
      finish(`no source address for ${address.text}: ${error.message}`);
    socket.once("error", failed);
    // Given a callback, connect() hands a failure to it as an argument instead of emitting `error`.
    socket.once("connect", () => {
      const text = socket.address().address;
      finish(
        parseAddress(text) ?? `no source address for ${address.text}: the kernel chose ${text}`,
      );
    });
    socket.connect(ASKING_PORT, address.text);
  });
}
