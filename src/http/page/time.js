// The last hour of a target: a strip a bucket, events as marks, and the choice of a moment.
import { element, svg } from "./elements.js";
import { pathTimes, slotOf, timeOf } from "./past.js";
import { table } from "./tables.js";
import { clockTime } from "./text.js";

const WIDTH = 5;
const HEIGHT = 4;
const MARKS = 8;
/** Strips that are drawn; of more buckets those that failed most. */
const MOST_STRIPS = 128;
/**
 * The strips.
 * @param {object} history as `/api/v1/history/NAME` gives it
 * @param {object[]} events of the target and the exporter, the oldest first
 * @param {number | undefined} moment the slot that is shown; undefined for now
 * @param {(slot: number | undefined) => void} choose
 */
export function hourView(history, events, moment, choose) {
  const slots = history.buckets[0]?.length ?? 0;
  const slot = moment ?? slots - 1;
  return [
    element("h2", {}, "Last hour"),
    element(
      "p",
      { class: "legend" },
      "One row a bucket, one column half a minute, the newest to the right; low bars lost a part, high ones most. ▼ marks what changed. Choose a moment to see the network as it was.",
    ),
    element("div", { class: "strips" }, strips(history, events, slot, choose)),
    roundTrips(history, slot),
  ];
}

/** The choice of a moment by slider, for mouse, finger and keyboard. */
export class MomentSlider {
  #choose = () => {};
  #input = element("input", { type: "range", id: "moment", min: 0 });
  #output = element("output", { for: "moment" });
  #now = element(
    "button",
    { type: "button", onclick: () => this.#choose(undefined) },
    "Back to now",
  );
  element = element(
    "p",
    { class: "choice" },
    element("label", { for: "moment" }, "Moment"),
    this.#input,
    this.#output,
    this.#now,
  );

  constructor() {
    this.#input.addEventListener("input", () => {
      const slot = Number(this.#input.value);
      this.#choose(slot === Number(this.#input.max) ? undefined : slot);
    });
  }

  /** Shows a moment. @param {number | undefined} moment */
  show(history, moment, choose) {
    const newest = (history.buckets[0]?.length ?? 1) - 1;
    const words = moment === undefined ? "now" : clockTime(timeOf(history, moment));
    this.#choose = choose;
    this.#input.max = String(newest);
    this.#input.value = String(moment ?? newest);
    this.#input.setAttribute("aria-valuetext", words);
    this.#output.value = words;
    this.#now.hidden = moment === undefined;
  }
}

function strips(history, events, chosen, choose) {
  const rows = history.buckets
    .map((text, bucket) => ({ text, bucket, bad: text.replaceAll(/[-0]/g, "").length }))
    .sort((a, b) => (history.buckets.length > MOST_STRIPS ? b.bad - a.bad : 0))
    .slice(0, MOST_STRIPS);
  const slots = history.buckets[0]?.length ?? 0;
  const failed = rows.filter(({ bad }) => bad > 0).length;
  const width = slots * WIDTH;
  const height = MARKS + rows.length * HEIGHT;
  const marks = events.flatMap(({ time, kind, message }) => {
    const slot = slotOf(history, time);
    if (slot === undefined || kind === "rotation") return [];
    const x = slot * WIDTH + WIDTH / 2;
    const shape = { class: `mark ${kind}`, points: `${x - 3},0 ${x + 3},0 ${x},${MARKS - 1}` };
    return [svg("polygon", shape, svg("title", {}, `${clockTime(time)} ${message}`))];
  });
  const drawing = svg(
    "svg",
    {
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "aria-label": `${failed} of ${history.buckets.length} buckets failed in the last hour`,
      preserveAspectRatio: "none",
    },
    ...marks,
    ...rows.flatMap(({ text }, row) => runs(text, MARKS + row * HEIGHT)),
    svg("rect", { class: "cursor", x: chosen * WIDTH, y: 0, width: WIDTH, height }),
  );
  drawing.onclick = ({ clientX }) => {
    const { left, width: wide } = drawing.getBoundingClientRect();
    const slot = Math.max(0, Math.min(slots - 1, Math.floor(((clientX - left) / wide) * slots)));
    choose(slot === slots - 1 ? undefined : slot);
  };
  return drawing;
}

/** Slots in a row that are alike are one shape, so that an hour without a fault is one a bucket. */
function runs(text, y) {
  return [...text.matchAll(/0+|[1-4]+|[5-9]+/g)].map(({ 0: run, index }) => {
    const [kind, height] =
      run[0] === "0" ? ["good", 1] : run[0] < "5" ? ["bad", HEIGHT / 2] : ["bad", HEIGHT - 0.5];
    const place = { x: index * WIDTH, y: y + HEIGHT - height, width: run.length * WIDTH, height };
    return svg("rect", { class: kind, ...place });
  });
}

function roundTrips(history, slot) {
  const rows = pathTimes(history, slot);
  if (rows.length === 0) return null;
  const words = (time) => (time === null ? "–" : `${time} ms`);
  return element(
    "details",
    {},
    element("summary", { "data-key": "rtt" }, `Round-trip times by path (${rows.length})`),
    table(
      "Round-trip times of the last hour",
      ["Path", "At the moment", "Least", "Middle", "Most"],
      rows.map(({ path, at, least, middle, most }) => [
        path,
        ...[at, least, middle, most].map(words),
      ]),
    ),
  );
}
