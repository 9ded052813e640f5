// What changed when, as a list.
import { element } from "./elements.js";
import { dateTime } from "./text.js";

/** Events that are listed, the latest first, and those that are kept for the marks. */
const LISTED = 50;
const KEPT = 1000;

const KINDS = {
  verdict: "verdict",
  suspect: "suspect",
  healed: "healed",
  path_change: "paths changed",
  rotation: "rotation",
  reload: "reload",
  exporter: "exporter",
};

/** What changed, the latest first. @param {object[]} events @param {boolean} named whether each says of which target */
export function eventList(events, named = false) {
  const latest = events.slice(-LISTED).reverse();
  if (latest.length === 0) return element("p", { class: "legend" }, "No event yet.");
  return element(
    "ol",
    { class: "events", tabindex: 0, "aria-label": "Events" },
    ...latest.map(({ time, kind, target, message }) =>
      element(
        "li",
        {},
        element("time", { datetime: new Date(time).toISOString() }, dateTime(time)),
        ` ${named && target !== null ? `${target}: ` : ""}${KINDS[kind] ?? kind}: ${message}`,
      ),
    ),
  );
}

/** Collects events, asking only for what is newer than what is there. */
export class EventBook {
  /** The oldest first. */
  events = [];

  /** What to ask for. @param {string} [target] its name; all targets without one */
  query(target) {
    const of = target === undefined ? "" : `&target=${encodeURIComponent(target)}`;
    return `api/v1/events?since=${this.events.at(-1)?.id ?? 0}${of}`;
  }

  /** Takes an answer. One whose last id is behind ours comes from an exporter that was started anew: ours are history. */
  take({ events, last }) {
    const ours = last < (this.events.at(-1)?.id ?? 0) ? [] : this.events;
    this.events = [...ours, ...events].slice(-KEPT);
  }
}
