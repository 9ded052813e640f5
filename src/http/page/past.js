// What a target was like at a moment of the last hour. Plain data in, plain data out.

/** A flow that lost at least so many ninths of its probes is shown as one that fails. */
const FAILING = 5;

/** When a slot began, milliseconds since the Unix epoch. @param {object} history as `/api/v1/history/NAME` gives it */
export function timeOf({ newest, slot_seconds: seconds, buckets }, slot) {
  const slots = buckets[0]?.length ?? 1;
  return newest - (slots - 1 - slot) * seconds * 1000;
}

/** A time well within a slot: when slots begin is told to a millisecond, give or take one. */
export function middleOf(history, slot) {
  return timeOf(history, slot) + (history.slot_seconds * 1000) / 2;
}

/** The slot that a time lies in; undefined for one before the first. */
export function slotOf(history, time) {
  const slots = history.buckets[0]?.length ?? 1;
  const back = Math.ceil((history.newest - time) / (history.slot_seconds * 1000));
  const slot = Math.min(slots - 1, slots - 1 - back);
  return slot < 0 ? undefined : slot;
}

/** The way that a bucket's flow took in a slot; undefined where it is not known. */
function wayAt({ way, ways }, bucket, slot) {
  const index = way[bucket]?.findLast(([from]) => from <= slot)?.[1];
  return index == null ? undefined : ways[index];
}

/**
 * A target as the network and the buckets draw it, at a moment.
 * @param {object} target as it is now
 * @param {object} history as `/api/v1/history/NAME` gives it
 * @param {number} slot from 0 for the oldest
 */
export function targetAt(target, history, slot) {
  const paths = new Map();
  const flows = history.buckets.map((text, bucket) => {
    const ninths = text[slot] === "-" ? undefined : Number(text[slot]);
    const way = wayAt(history, bucket, slot);
    const path = way !== undefined && !way.cut ? way.path : null;
    if (path !== null && ninths !== undefined) {
      const counted = paths.get(path) ?? {
        id: path,
        hops: way.hops,
        flows: 0,
        probes: 0,
        failures: 0,
      };
      counted.flows += 1;
      counted.probes += 9;
      counted.failures += ninths;
      paths.set(path, counted);
    }
    return { bucket, source_port: "not kept", path, rtt_seconds: null, ...stateOf(ninths, way) };
  });
  const ratio = ({ probes, failures }) => 1 - failures / probes;
  return {
    ...target,
    flows,
    paths: [...paths.values()].map((path) => ({ ...path, success_ratio: ratio(path) })),
    suspects: [],
  };
}

function stateOf(ninths, way) {
  if (ninths === undefined) return { state: "unknown", last_result: null, last_hop: "unknown" };
  if (ninths < FAILING) return { state: "up", last_result: "success", last_hop: "" };
  const seen = way?.cut ? way.hops : undefined;
  const last = seen?.findLast((hop) => hop !== null);
  const last_hop = seen === undefined ? "unknown" : (last ?? "none");
  return { state: "failing", last_result: "lost", last_hop, ...(seen && { seen }) };
}

/** Least, middle and greatest round-trip time of each path in the hour, and that of a slot; milliseconds, null for none. */
export function pathTimes({ rtt_ms: byPath }, slot) {
  return Object.entries(byPath).map(([path, times]) => {
    const known = times.filter((time) => time !== null).sort((a, b) => a - b);
    const middle = known[Math.floor(known.length / 2)] ?? null;
    return {
      path,
      least: known[0] ?? null,
      middle,
      most: known.at(-1) ?? null,
      at: times[slot] ?? null,
    };
  });
}
