import { keyOf, SILENT, type Way } from "./known-paths.ts";
import type { RouterNames } from "./router-names.ts";
import type { SilentPlaces } from "./silent-places.ts";

/** Ways that are kept; beyond, all are told anew. */
const MAX_WAYS = 8192;

/**
 * Ways as paths are told apart by: over routers where their identity is known, those marked that never answer, without the hops that
 * balance by packet. Most flows of a target share their way with others: each way is told once, and equal ways are one object.
 */
export class ToldWays {
  readonly #names: RouterNames;
  readonly #silent: SilentPlaces;
  /** Equal ways, by key. */
  readonly #ways: Map<string, Way> = new Map();
  readonly #told: Map<Way, Way> = new Map();
  #perPacketTtls: ReadonlySet<number> = new Set();
  #toldAt = -1;

  /**
   * @param names which addresses are one router's
   * @param silent which places never answer
   */
  constructor(names: RouterNames, silent: SilentPlaces) {
    this.#names = names;
    this.#silent = silent;
  }

  /** Grows whenever routers or silent places are told otherwise. */
  get version(): number {
    return this.#names.version + this.#silent.version;
  }

  /** TTLs at which one flow met several routers. */
  get perPacketTtls(): ReadonlySet<number> {
    return this.#perPacketTtls;
  }

  set perPacketTtls(ttls: ReadonlySet<number>) {
    this.#perPacketTtls = ttls;
    this.#told.clear();
  }

  /** An object that stands for all ways of these hops. */
  same(hops: Way): Way {
    if (this.#ways.size >= MAX_WAYS) this.#ways.clear();
    const key = keyOf(hops);
    const known = this.#ways.get(key);
    if (known !== undefined) return known;
    this.#ways.set(key, hops);
    return hops;
  }

  /** A way without the hops that balance by packet. */
  shown(hops: Way): Way {
    if (this.#perPacketTtls.size === 0) return hops;
    return hops.map((hop, index) => (this.#perPacketTtls.has(index + 1) ? null : hop));
  }

  /** A way over routers. @param whole the last hop is the destination, which stands for itself */
  routers(hops: Way, whole = true): Way {
    const last = whole ? hops.length - 1 : hops.length;
    return this.shown(hops).map((hop, index) =>
      hop === null || index === last ? hop : (this.#names.routerOf(hop)?.router ?? hop),
    );
  }

  /** A way over routers, those marked that never answer. */
  told(hops: Way): Way {
    const { version } = this;
    if (version !== this.#toldAt) {
      this.#toldAt = version;
      this.#told.clear();
    }
    const known = this.#told.get(hops);
    if (known !== undefined) return known;
    const routers = this.routers(hops);
    const told = this.same(
      routers.map((hop, index) =>
        hop === null && this.#silent.isSilent(routers, index) ? SILENT : hop,
      ),
    );
    if (this.#told.size >= MAX_WAYS) this.#told.clear();
    this.#told.set(hops, told);
    return told;
  }
}
