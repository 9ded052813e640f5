import { BlockList, isIP } from "node:net";
import type { Reader } from "./reader.ts";
import type { Rule } from "./rules.ts";
import type { YamlNode } from "./yaml-tree.ts";

/** Networks in CIDR notation: those that requests may come from, or that may be probed. */
export class Networks {
  readonly #list: BlockList = new BlockList();

  /**
   * @param networks `192.0.2.0/24`, `2001:db8::/32`, or single addresses
   * @throws Error with one sentence for what is no network
   */
  constructor(networks: readonly string[]) {
    for (const network of networks) {
      const [address = "", bits, ...rest] = network.split("/");
      const version = isIP(address);
      const most = version === 4 ? 32 : 128;
      const length = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
      if (version === 0 || rest.length > 0 || length < 0 || length > most) {
        throw new Error(
          `"${network}" is not a valid network: write it as 192.0.2.0/24, 2001:db8::/32 or a single address`,
        );
      }
      this.#list.addSubnet(address, length, version === 4 ? "ipv4" : "ipv6");
    }
  }

  /** Whether an address lies in one of them. */
  holds(address: string): boolean {
    return this.#list.check(address, address.includes(":") ? "ipv6" : "ipv4");
  }
}

/** One network, as it stands in a list of the configuration. */
const networkRule: Rule<string> = (value) => {
  try {
    if (typeof value === "string" && new Networks([value])) return { value };
  } catch {
    // Said below, in the words of the configuration's other problems.
  }
  return { problem: "must be a network such as 192.0.2.0/24 or 2001:db8::/32, or one address" };
};

/** A list of networks at a path of the configuration; those that are none are reported and left out. */
export function readNetworks(
  reader: Reader,
  node: YamlNode | undefined,
  path: string,
): readonly string[] {
  const items = node === undefined ? [] : (reader.list(node, path, true)?.items ?? []);
  return items.flatMap((item, i) => reader.scalar(item, `${path}[${i}]`, networkRule) ?? []);
}
