// A strip of the last hour: one bar a time, as high as the share of probes that failed in it.
import { svg } from "./elements.js";

const BAR = 2;
const HEIGHT = 20;

/**
 * @param {string} hour one character a slot, the oldest first: `-` nothing probed, else the share of probes that failed in
 * ninths, 0 for none
 */
export function hourStrip(hour) {
  const slots = [...hour];
  const probed = slots.filter((slot) => slot !== "-");
  const bad = probed.filter((slot) => slot !== "0").length;
  const words =
    probed.length === 0
      ? "Nothing probed in the last hour"
      : `Last hour: failures in ${bad} of ${probed.length} time slots`;
  const bars = slots.flatMap((slot, at) => {
    if (slot === "-") return [];
    const share = Number(slot) / 9;
    const height = share === 0 ? 3 : 5 + share * (HEIGHT - 5);
    const place = { x: at * BAR, y: HEIGHT - height, width: BAR, height };
    return [svg("rect", { class: share === 0 ? "good" : "bad", ...place })];
  });
  return svg(
    "svg",
    {
      class: "hour",
      viewBox: `0 0 ${slots.length * BAR} ${HEIGHT}`,
      role: "img",
      "aria-label": words,
      preserveAspectRatio: "none",
    },
    svg("title", {}, words),
    ...bars,
  );
}
