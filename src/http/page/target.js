// One target: what is wrong, the network it is reached by, its flow buckets, and what to do with it.
import { bucketGrid, flowWords } from "./buckets.js";
import { copyable } from "./copy.js";
import { element, replace } from "./elements.js";
import { eventList } from "./events.js";
import { collapse, wideColumns } from "./network-collapse.js";
import { drawNetwork } from "./network-drawing.js";
import { networkOf } from "./network-model.js";
import { targetNotices } from "./notices.js";
import { middleOf, slotOf, targetAt, timeOf } from "./past.js";
import { suspectList } from "./suspects.js";
import { networkTables } from "./tables.js";
import { headWords, targetHead } from "./target-head.js";
import { clockTime, count } from "./text.js";
import { hourView, MomentSlider } from "./time.js";

/** Shows one target in a place of the document, and goes on showing newer states of it. */
export class TargetPage {
  #sections = new Map();
  #contents = new Map();
  #opened = new Set();
  /** What is chosen: a bucket's number, or the key of a node, link or stub. */
  #chosen;
  #target;
  #history;
  #events = [];
  /** The slot of the last hour that is shown; undefined for now. */
  #moment;
  #slider = new MomentSlider();
  #told = element("p", { class: "told", role: "status" });

  /** @param {Element} place */
  constructor(place) {
    const names = [
      "head",
      "notices",
      "suspects",
      "network",
      "buckets",
      "time",
      "moment",
      "events",
      "links",
      "commands",
      "ticket",
    ];
    for (const name of names) this.#sections.set(name, element("section", { class: name }));
    place.replaceChildren(...this.#sections.values());
    place.onkeydown = (event) => {
      if (event.key === "Escape") this.#choose(undefined);
    };
  }

  /**
   * @param {object} target as `/api/v1/targets/NAME` gives it
   * @param {object | undefined} history as `/api/v1/history/NAME` gives it
   * @param {object[]} events of the target and the exporter
   */
  show(target, history, events) {
    // A moment that somebody looks at stays where it is while time goes on.
    if (this.#moment !== undefined && history && this.#history) {
      this.#moment = slotOf(history, middleOf(this.#history, this.#moment));
    }
    this.#target = target;
    this.#history = history;
    this.#events = events;
    this.#draw();
  }

  close() {}

  #draw() {
    const target = this.#target;
    const shown = this.#shown();
    const whole = networkOf(shown);
    const network = collapse(whole, this.#opened);
    this.#section("head", headWords(target), () =>
      targetHead(target, (name) => this.#sections.get(name)),
    );
    this.#section("notices", targetNotices(target), () =>
      targetNotices(target).map((notice) =>
        element("p", { class: "notice", role: "note" }, notice),
      ),
    );
    this.#section("suspects", target.suspects, () => {
      const list = suspectList(target);
      return list === null ? [] : [element("h2", {}, "Suspects"), list];
    });
    const { lit, buckets } = this.#litBy(network);
    this.#section(
      "network",
      [network, [...lit], [...this.#opened], shown.suspects, this.#moment],
      () => this.#network(whole, network, lit),
    );
    this.#section("buckets", [shown.flows, [...buckets], this.#chosen], () =>
      this.#buckets(buckets),
    );
    const history = this.#history;
    const choose = (slot) => {
      this.#moment = slot;
      this.#draw();
    };
    this.#section("time", [history, this.#events, this.#moment], () =>
      history === undefined ? [] : hourView(history, this.#events, this.#moment, choose),
    );
    // Drawn once: a slider that is replaced while somebody drags it lets go.
    this.#section("moment", history === undefined, () =>
      history === undefined ? [] : [this.#slider.element],
    );
    if (history !== undefined) this.#slider.show(history, this.#moment, choose);
    this.#section("events", this.#events, () => [eventList(this.#events)]);
    this.#section("links", [whole.edges, shown.paths], () => networkTables(whole, shown));
    this.#section("commands", target.reproduce, () => commands(target));
    this.#section("ticket", target.ticket ?? null, () => ticket(target));
  }

  /** Draws a section anew if what it shows has changed, so that nothing moves under a reader's hands. */
  #section(name, shown, draw) {
    const content = JSON.stringify(shown);
    if (this.#contents.get(name) === content) return;
    this.#contents.set(name, content);
    const place = this.#sections.get(name);
    // A wide network stays scrolled to where it was.
    const scrolled = place.querySelector(".scroll")?.scrollLeft;
    replace(place, ...draw());
    const scroll = place.querySelector(".scroll");
    if (scroll !== null && scrolled !== undefined) scroll.scrollLeft = scrolled;
  }

  #choose(chosen) {
    const group = /^group (\d+)$/.exec(String(chosen));
    if (group !== null) this.#opened.add(Number(group[1]));
    this.#chosen = group !== null || chosen === this.#chosen ? undefined : chosen;
    this.#draw();
  }

  /** The target at the moment that is looked at. */
  #shown() {
    if (this.#moment === undefined || this.#history === undefined) return this.#target;
    return targetAt(this.#target, this.#history, this.#moment);
  }

  /** What the choice lights up: a bucket its way, everything else its buckets. */
  #litBy(network) {
    const chosen = this.#chosen;
    const none = { lit: new Set(), buckets: new Set() };
    if (chosen === undefined) return none;
    if (typeof chosen === "number") {
      return { lit: new Set(network.ways.get(chosen) ?? []), buckets: new Set([chosen]) };
    }
    const parts = [...network.nodes, ...network.edges, ...network.stubs];
    const part = parts.find(({ key }) => key === chosen);
    if (part === undefined) return none;
    return { lit: new Set([chosen]), buckets: new Set(part.buckets) };
  }

  #network(whole, network, lit) {
    const { flows, suspects } = this.#shown();
    if (flows.length === 0) return [];
    const then =
      this.#moment === undefined
        ? ""
        : ` as it was at ${clockTime(timeOf(this.#history, this.#moment))}`;
    const back = suspects.find(({ segment }) => segment !== "forward");
    const wayBack = back && { loss: back.loss_ratio, sure: back.segment === "return" };
    const choose = (key) => this.#choose(key);
    const drawing = drawNetwork(network, { lit, flows: flows.length, wayBack, choose });
    const wide = wideColumns(whole).map(({ column, size }) => {
      const open = this.#opened.has(column);
      const toggle = () => {
        if (open) this.#opened.delete(column);
        else this.#opened.add(column);
        this.#draw();
      };
      const words = `${open ? "Close" : "Open"} the ${size} hops at TTL ${column}`;
      return element(
        "button",
        { type: "button", "data-key": `wide ${column}`, onclick: toggle },
        words,
      );
    });
    const untraced =
      whole.untraced.length === 0
        ? ""
        : ` ${count(whole.untraced.length, "failing flow")} not traced yet and not drawn.`;
    return [
      element("h2", {}, `Network${then}`),
      element(
        "p",
        { class: "legend" },
        "A line is as wide as its flows and shows what the flows across it lost in five minutes; ✕ is where flows die; dashed hops did not answer.",
        untraced,
      ),
      wide.length === 0 ? null : element("p", { class: "wide-stages" }, ...wide),
      // As wide as it needs to be: it scrolls by itself, not the page.
      element(
        "div",
        { class: "scroll", tabindex: 0, role: "region", "aria-label": "Network drawing" },
        drawing,
      ),
    ];
  }

  #buckets(lit) {
    const { flows, paths } = this.#shown();
    if (flows.length === 0) return [];
    const tell = (words) => {
      if (this.#told.textContent !== words) this.#told.textContent = words;
    };
    const chosen = typeof this.#chosen === "number" ? this.#chosen : undefined;
    const flow = flows.find(({ bucket }) => bucket === chosen);
    if (flow !== undefined) tell(flowWords(flow, paths));
    else if (this.#told.textContent === "")
      tell(
        "Choose a bucket to see the way of its flow, or a hop to see its buckets. Escape ends the choice.",
      );
    const choose = (bucket) => this.#choose(bucket);
    return [
      element("h2", {}, "Flow buckets"),
      element(
        "p",
        { class: "legend" },
        "✓ works, ✕ fails, ? not probed yet. One cell is one flow, from its own source port.",
      ),
      bucketGrid(this.#shown(), { lit, chosen, choose, tell }),
      this.#told,
    ];
  }
}

function commands({ reproduce: { failing, working } }) {
  if (failing.length + working.length === 0) return [];
  const list = (title, lines) =>
    lines.length === 0
      ? []
      : [element("h3", {}, title), ...lines.map((line) => copyable(line, line))];
  return [
    element("h2", {}, "By hand"),
    ...list("With a source port that fails", failing),
    ...list("With a source port that works", working),
  ];
}

function ticket({ ticket: text }) {
  if (!text) return [];
  return [element("h2", {}, "For the network team"), copyable(text, "ticket")];
}
