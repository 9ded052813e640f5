import type { FlowEvidence, HopAddress, LocalizeCase } from "../../src/localize/case.ts";
import type { Random } from "./random.ts";
import { TO } from "./scene.ts";

/** How much of a network is out of order: hops met in any order and more than once, hops that are silent, flows never traced. */
interface Disorder {
  readonly addresses: readonly string[];
  readonly astray: number;
  readonly silent: number;
  readonly unknown: number;
}

function drawDisorder(random: Random): Disorder {
  const addresses = Array.from({ length: random.between(1, 14) }, (_, at) => `10.0.0.${at + 1}`);
  const share = (): number => random.pick([0, 0.05, 0.2, 0.6]);
  return { addresses, astray: share(), silent: share(), unknown: share() };
}

/** Hops of a way: each of its layer, or any of the network's, the destination among them. */
function drawHops(random: Random, { addresses, astray, silent }: Disorder): HopAddress[] {
  const hops: HopAddress[] = [];
  const length = random.between(0, 7);
  for (let ttl = 0; ttl < length; ttl++) {
    const layer = addresses.filter((_, at) => at % Math.max(1, length) === ttl);
    const isAstray = random.next() < astray || layer.length === 0;
    const hop = random.pick(isAstray ? [...addresses, TO] : layer);
    hops.push(random.next() < silent ? null : hop);
  }
  return hops;
}

function drawFlow(random: Random, disorder: Disorder, failing: number, at: number): FlowEvidence {
  const probes = random.between(0, 40);
  const kind = random.next();
  const failures = kind < failing ? probes : kind < 2 * failing ? random.between(0, probes) : 0;
  const path = random.next() < disorder.unknown ? null : [...drawHops(random, disorder), TO];
  const seen = failures > 0 && random.next() < 0.7 ? drawHops(random, disorder) : [];
  const last = seen.findLast((hop) => hop !== null);
  return {
    bucket: at,
    source_port: 40_000 + at,
    path,
    seen,
    probes,
    failures,
    last_hop: last ?? (seen.length > 0 ? "none" : "unknown"),
    ...(random.next() < 0.5 ? { streak: random.between(0, failures) } : {}),
    ...(random.next() < 0.1 && failures > 0 ? { refused: true } : {}),
    ...(random.next() < 0.1 ? { uplink: random.pick(disorder.addresses) } : {}),
    ...(random.next() < 0.1 ? { alike: random.between(1, 9) } : {}),
  };
}

/** What a target's flows may show of a network that keeps to no order: hops in circles, met twice or not at all, names and controls of some. */
export function drawAnyCase(random: Random): LocalizeCase {
  const disorder = drawDisorder(random);
  const { addresses } = disorder;
  const some = (share: number): string[] => addresses.filter(() => random.next() < share);
  const named = some(random.pick([0, 0, 0.5, 1]));
  const heard = some(random.pick([0, 0.5]));
  const failing = random.pick([0.02, 0.1, 0.3, 1]);
  return {
    target: TO,
    flows: Array.from({ length: random.between(0, 40) }, (_, at) =>
      drawFlow(random, disorder, failing, at),
    ),
    known_links: some(0.3).map((from) => [from, random.pick([...addresses, TO])] as const),
    routers: Object.fromEntries(named.map((address) => [address, `r${random.between(1, 4)}`])),
    controls: Object.fromEntries(
      heard.map((address) => [
        address,
        { heard: random.between(0, 5), silent: random.between(0, 5) },
      ]),
    ),
    ...(random.next() < 0.2 ? { rejecting: some(0.2) } : {}),
    ...(random.next() < 0.2
      ? { spread: { [random.between(1, 5)]: Object.fromEntries(some(0.4).map((a) => [a, 1])) } }
      : {}),
  };
}
