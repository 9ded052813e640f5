import { readdirSync, readFileSync } from "node:fs";
import type { ProbedTarget } from "./probed-flow.ts";

/** A fault is over when nothing has shown it for so many rounds of the target's flows, and for so long: each round asks what it hits again. */
const FOR_ROUNDS = 1.5;
const LEAST_MS = 10_000;
/** So many answers that the host did not take make a fault. */
const ENOUGH = 2;
const CONF = "/proc/sys/net/ipv4/conf";

/** What is known of a target's answers that this host does not take. */
interface Episode {
  answers: number;
  at: number;
  /** Packets that rp_filter had dropped when it began; undefined where the kernel does not say. */
  readonly dropped: number | undefined;
}

/** What a firewall on this host answers a packet with that it does not let out. */
const FORBIDDEN: readonly string[] = ["EPERM", "EACCES"];

/** Resets of a target's handshakes that this host did not let out. */
interface RefusedResets {
  resets: number;
  at: number;
  error: string;
}

/** What the kernel says about its reverse-path filter. */
export interface ReversePathFilter {
  /** Packets that it has dropped since the start; undefined where the kernel does not say. */
  dropped(): number | undefined;
  /** Interfaces on which it is strict. */
  strictOn(): string[];
}

/** Faults of this host itself: answers got here and its own stack did not take them, or it does not let out what ends a handshake. */
export class HostFaults {
  readonly #kernel: ReversePathFilter;
  readonly #episodes: WeakMap<ProbedTarget, Episode> = new WeakMap();
  readonly #refused: WeakMap<ProbedTarget, RefusedResets> = new WeakMap();

  constructor(kernel: ReversePathFilter = kernelFilter) {
    this.#kernel = kernel;
  }

  /** An answer of the target came in, and this host's stack did not take it. */
  untaken(target: ProbedTarget, now: number): void {
    const known = this.#episodes.get(target);
    if (known !== undefined && isFresh(target, known.at, now)) {
      known.answers += 1;
      known.at = now;
      return;
    }
    this.#episodes.set(target, { answers: 1, at: now, dropped: this.#kernel.dropped() });
  }

  /**
   * A reset to the target was not let out, so that its server keeps the connection half open and repeats its SYN-ACK.
   * @param error the errno name; only a firewall's counts
   */
  resetRefused(target: ProbedTarget, error: string, now: number): void {
    if (!FORBIDDEN.includes(error)) return;
    const { resets, at } = this.#refused.get(target) ?? { resets: 0, at: now };
    this.#refused.set(target, {
      resets: isFresh(target, at, now) ? resets + 1 : 1,
      at: now,
      error,
    });
  }

  /** What is wrong with this host for a target, as a sentence that says what to do; undefined for nothing. */
  reason(target: ProbedTarget, now: number): string | undefined {
    const refused = this.#refused.get(target);
    if (refused !== undefined && isFresh(target, refused.at, now) && refused.resets >= ENOUGH) {
      return `This host does not let the resets out that end handshakes (${refused.error}), so that the target holds connections half open: look at the output rules of its firewall.`;
    }
    const known = this.#episodes.get(target);
    if (known === undefined || !isFresh(target, known.at, now) || known.answers < ENOUGH)
      return undefined;
    const before = known.dropped;
    const after = this.#kernel.dropped();
    if (before !== undefined && after !== undefined && after > before) {
      const strict = this.#kernel.strictOn();
      const where = strict.length === 0 ? "" : ` (strict on ${strict.join(", ")})`;
      return `Answers get to this host and its rp_filter drops them: they come in by another interface than its own route to the target leaves by${where}. Set net.ipv4.conf.*.rp_filter to 2 or fix the routes.`;
    }
    return "Answers get to this host and its own stack does not take them: look at the input rules of its firewall.";
  }
}

function isFresh({ roundMs }: ProbedTarget, at: number, now: number): boolean {
  return now - at <= Math.max(LEAST_MS, FOR_ROUNDS * roundMs);
}

const kernelFilter: ReversePathFilter = {
  dropped() {
    try {
      return counterIn(readFileSync("/proc/net/netstat", "utf8"), "TcpExt", "IPReversePathFilter");
    } catch {
      return undefined;
    }
  },
  strictOn() {
    try {
      const all = mode("all");
      const names = readdirSync(CONF).filter((name) => !["all", "default", "lo"].includes(name));
      // The kernel goes by the greater of the two (Documentation/networking/ip-sysctl.rst).
      return names.filter((name) => Math.max(all, mode(name)) === 1);
    } catch {
      return [];
    }
  },
};

function mode(name: string): number {
  return Number(readFileSync(`${CONF}/${name}/rp_filter`, "utf8"));
}

/**
 * A counter of /proc/net/netstat or /proc/net/snmp: two lines a group, names and values.
 * @returns undefined where it is not there
 */
export function counterIn(text: string, group: string, name: string): number | undefined {
  const [names, values] = text.split("\n").filter((line) => line.startsWith(`${group}: `));
  const at = names?.split(" ").indexOf(name) ?? -1;
  const value = at < 1 ? undefined : values?.split(" ")[at];
  return value === undefined ? undefined : Number(value);
}
