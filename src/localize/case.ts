import type { OneWayCounts } from "./one-way-direction.ts";

/** A hop's address, or null where the hop was silent. */
export type HopAddress = string | null;

/** What one flow showed within the window. Field names are those of the recorded cases. */
export interface FlowEvidence {
  readonly bucket: number;
  readonly source_port: number;
  /** Hops while last healthy, up to and with the destination; null when the flow was never seen healthy. */
  readonly path: readonly HopAddress[] | null;
  /** What answered the sweep after a failure, by TTL; empty for a flow that does not fail or that no hop answered. */
  readonly seen: readonly HopAddress[];
  /** Valid probes in the window. */
  readonly probes: number;
  /** Those of them that failed. */
  readonly failures: number;
  /** Address of the last responding hop, `none` (swept, nobody answered) or `unknown` (not swept). */
  readonly last_hop: string;
  /** Failures in a row up to now, where it is known: tells a flow that died lately from one that loses a part. */
  readonly streak?: number;
  /** When its last probe ended, in milliseconds of one clock for all targets, where it is known: answers of before a fault do not clear it. */
  readonly probed_at?: number;
  /** When the first of its failures in a row ended, by the same clock; only of a flow that fails. */
  readonly failing_since?: number;
  /** When the first of its failures within the window ended, by the same clock. */
  readonly first_failure?: number;
  /** When the last sweep of the flow from the first hop on ended, by the same clock; only of a flow that fails. */
  readonly swept_at?: number;
  /** The destination itself answered the last probe with a refusal: packets of the flow get there and answers come back, though it fails. */
  readonly refused?: boolean;
  /** The destination repeats its answer to the flow, as it does where what follows the first packet gets lost on the way there: answers come back. Not recorded. */
  readonly unfinished?: boolean;
  /** The first hop of a flow of which nothing else may be known: what this host's own routes say. Left out where it has one uplink. */
  readonly uplink?: string;
  /** Losses whose direction the target itself has shown, by direction; only of STAMP reflectors. */
  readonly one_way?: OneWayCounts;
  /** How many flows alike this stands for, of which the counts are one's; 1 unless given. */
  readonly alike?: number;
}

/** How often a hop answered the sweeps of healthy flows that cross it, and kept silent to them, while others failed. */
export interface HopControls {
  readonly heard: number;
  readonly silent: number;
}

/** Everything that localisation looks at: the flows of one target in one window. */
export interface LocalizeCase {
  /** The destination's address. */
  readonly target: string;
  readonly flows: readonly FlowEvidence[];
  /** How many flows work beside these, of whose way nothing is known: of several targets together. 0 unless given, not recorded. */
  readonly unplaced?: number;
  /** Links seen in the last hour, whether or not a current flow crosses them. */
  readonly known_links: readonly (readonly [string, string])[];
  /** Names of routers by address, as far as somebody knows them; addresses that are not in here may be anybody's. */
  readonly routers?: Readonly<Record<string, string>>;
  /**
   * By TTL, from 1, at which a router balances the packets of one flow over several hops: those that are known to stand
   * there, each with the number of sweeps of failing flows that it has answered lately. Left out where none does.
   */
  readonly spread?: Readonly<Record<number, Readonly<Record<string, number>>>>;
  /** What sweeps of healthy flows beside failing ones showed, by address; left out where there were none. */
  readonly controls?: Readonly<Record<string, HopControls>>;
  /** Routers by the one address that stands for all of theirs; those told so (whole-routers.ts). Not recorded. */
  readonly whole?: Readonly<Record<string, string>>;
  /**
   * Addresses of routers that have said of packets to the destination that they do not pass them on. They say so of few of
   * those that they get, so that their silence to a sweep says nothing. Left out where there are none.
   */
  readonly rejecting?: readonly string[];
  /**
   * Flows have moved to other ways, and those of many that work are not known yet: what these cross now would clear most of what is supposed.
   * Not recorded.
   */
  readonly moving?: boolean;
}

/**
 * Reads a recorded case from the text of one JSON object. Missing `known_links` and `seen` count as empty; a null `last_hop` counts as `unknown`.
 * @throws SyntaxError when the text is no JSON; TypeError, naming the field, when a value is not what it should be.
 */
export function parseCase(text: string): LocalizeCase {
  const root = record(JSON.parse(text), "case");
  const target = root["target"];
  if (typeof target !== "string" || target === "") {
    throw new TypeError("target: expected an address");
  }
  return {
    target,
    flows: list(root["flows"], "flows").map((flow, i) => parseFlow(flow, `flows[${i}]`)),
    known_links: list(root["known_links"] ?? [], "known_links").map((pair, i) => {
      const [from, to, ...rest] = list(pair, `known_links[${i}]`);
      if (typeof from !== "string" || typeof to !== "string" || rest.length > 0) {
        throw new TypeError(`known_links[${i}]: expected two addresses`);
      }
      return [from, to] as const;
    }),
    ...(root["routers"] == null ? {} : { routers: routers(root["routers"]) }),
    ...(root["spread"] == null ? {} : { spread: spread(root["spread"]) }),
    ...(root["controls"] == null ? {} : { controls: controls(root["controls"]) }),
    ...(root["rejecting"] == null ? {} : { rejecting: addresses(root["rejecting"]) }),
  };
}

function controls(value: unknown): Record<string, HopControls> {
  const told: Record<string, HopControls> = {};
  for (const [address, counts] of Object.entries(record(value, "controls"))) {
    const at = `controls.${address}`;
    const { heard, silent } = record(counts, at);
    told[address] = { heard: count(heard, `${at}.heard`), silent: count(silent, `${at}.silent`) };
  }
  return told;
}

function addresses(value: unknown): string[] {
  return list(value, "rejecting").map((address, i) => {
    if (typeof address !== "string" || address === "") {
      throw new TypeError(`rejecting[${i}]: expected an address`);
    }
    return address;
  });
}

function routers(value: unknown): Record<string, string> {
  const names: Record<string, string> = {};
  for (const [address, name] of Object.entries(record(value, "routers"))) {
    if (typeof name !== "string" || name === "") {
      throw new TypeError(`routers.${address}: expected a name`);
    }
    names[address] = name;
  }
  return names;
}

function spread(value: unknown): Record<number, Record<string, number>> {
  const byTtl: Record<number, Record<string, number>> = {};
  for (const [ttl, met] of Object.entries(record(value, "spread"))) {
    if (!/^[1-9]\d*$/.test(ttl)) throw new TypeError(`spread.${ttl}: expected a TTL`);
    const hops = Object.entries(record(met, `spread.${ttl}`));
    byTtl[Number(ttl)] = Object.fromEntries(
      hops.map(([hop, answers]) => [hop, count(answers, `spread.${ttl}.${hop}`)]),
    );
  }
  return byTtl;
}

function parseFlow(value: unknown, at: string): FlowEvidence {
  const flow = record(value, at);
  const probes = count(flow["probes"], `${at}.probes`);
  const failures = count(flow["failures"], `${at}.failures`);
  if (failures > probes) {
    throw new TypeError(`${at}.failures: more failures than probes`);
  }
  const lastHop = flow["last_hop"] ?? "unknown";
  if (typeof lastHop !== "string") {
    throw new TypeError(`${at}.last_hop: expected an address, "none" or "unknown"`);
  }
  const streak = flow["streak"];
  const since = flow["failing_since"];
  const first = flow["first_failure"];
  const uplink = flow["uplink"];
  if (uplink != null && (typeof uplink !== "string" || uplink === "")) {
    throw new TypeError(`${at}.uplink: expected an address`);
  }
  return {
    bucket: count(flow["bucket"], `${at}.bucket`),
    source_port: count(flow["source_port"], `${at}.source_port`),
    path: flow["path"] == null ? null : hops(flow["path"], `${at}.path`),
    seen: hops(flow["seen"] ?? [], `${at}.seen`),
    probes,
    failures,
    last_hop: lastHop,
    ...(streak == null ? {} : { streak: count(streak, `${at}.streak`) }),
    ...(since == null ? {} : { failing_since: count(since, `${at}.failing_since`) }),
    ...(first == null ? {} : { first_failure: count(first, `${at}.first_failure`) }),
    ...(uplink == null ? {} : { uplink }),
    ...(flow["one_way"] == null ? {} : { one_way: oneWay(flow["one_way"], `${at}.one_way`) }),
  };
}

function oneWay(value: unknown, at: string): OneWayCounts {
  const counts = record(value, at);
  return {
    forward: count(counts["forward"], `${at}.forward`),
    return: count(counts["return"], `${at}.return`),
  };
}

function hops(value: unknown, at: string): HopAddress[] {
  return list(value, at).map((hop, i) => {
    if (hop !== null && (typeof hop !== "string" || hop === "")) {
      throw new TypeError(`${at}[${i}]: expected an address or null`);
    }
    return hop;
  });
}

function list(value: unknown, at: string): unknown[] {
  if (!Array.isArray(value)) {
    throw new TypeError(`${at}: expected a list`);
  }
  return value;
}

function record(value: unknown, at: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`${at}: expected an object`);
  }
  return value as Record<string, unknown>;
}

function count(value: unknown, at: string): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
    throw new TypeError(`${at}: expected a whole number of 0 or more`);
  }
  return value;
}
