// One target: what is wrong, the network it is reached by, its flow buckets, and what to do with it.
import { bucketGrid, flowWords } from "./buckets.js";
import { copyable } from "./copy.js";
import { element, replace } from "./elements.js";
import { collapse, wideColumns } from "./network-collapse.js";
import { drawNetwork, edgeWords, nodeWords } from "./network-drawing.js";
import { networkOf } from "./network-model.js";
import { targetNotices } from "./notices.js";
import { suspectList } from "./suspects.js";
import { count, endpoint, percent, verdictOf } from "./text.js";

/** Shows one target in a place of the document, and goes on showing newer states of it. */
export class TargetPage {
  #sections = new Map();
  #contents = new Map();
  #opened = new Set();
  /** What is chosen: a bucket's number, or the key of a node, link or stub. */
  #chosen;
  #target;
  #told = element("p", { class: "told", role: "status" });

  /** @param {Element} place */
  constructor(place) {
    const names = [
      "head",
      "notices",
      "suspects",
      "network",
      "buckets",
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

  /** @param {object} target as `/api/v1/targets/NAME` gives it */
  show(target) {
    this.#target = target;
    this.#draw();
  }

  close() {}

  #draw() {
    const target = this.#target;
    const whole = networkOf(target);
    const network = collapse(whole, this.#opened);
    this.#section("head", [target.name, target.verdict, target.reason, facts(target)], () =>
      head(target),
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
      [network.nodes, network.edges, network.stubs, [...lit], [...this.#opened], target.suspects],
      () => this.#network(whole, network, lit),
    );
    this.#section("buckets", [target.flows, [...buckets], this.#chosen], () =>
      this.#buckets(buckets),
    );
    this.#section("links", [whole.edges, target.paths], () => tables(whole, target));
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
    const { flows, suspects } = this.#target;
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
      element("h2", {}, "Network"),
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
    const { flows, paths } = this.#target;
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
      bucketGrid(this.#target, { lit, chosen, choose, tell }),
      this.#told,
    ];
  }
}

function facts({ flows, paths, coverage }) {
  const failing = flows.filter(({ state }) => state === "failing").length;
  const probes = paths.reduce((sum, path) => sum + path.probes, 0);
  const failures = paths.reduce((sum, path) => sum + path.failures, 0);
  return [
    ["Flows failing", `${failing} of ${flows.length}`],
    ["Success, five minutes", percent(probes === 0 ? null : 1 - failures / probes)],
    ["Paths", String(coverage.paths)],
    ["No path left unseen", percent(coverage.confidence)],
  ];
}

function head(target) {
  const { name, protocol, verdict, reason, labels } = target;
  const { words, sign, level } = verdictOf(verdict);
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  return [
    element("h1", { tabindex: -1 }, name),
    element("p", { class: "more" }, [protocol, endpoint(target), ...pairs].join(" ")),
    element(
      "p",
      { class: "sentence" },
      element(
        "span",
        { class: `verdict ${level}` },
        element("span", { class: "sign", "aria-hidden": "true" }, sign),
        words,
      ),
      ` ${reason}`,
    ),
    element(
      "dl",
      { class: "facts" },
      ...facts(target).map(([term, value]) =>
        element("div", {}, element("dt", {}, term), element("dd", {}, value)),
      ),
    ),
  ];
}

/** Links and paths as tables, for those who read rather than look. */
function tables(network, { paths }) {
  if (network.edges.length === 0) return [];
  const name = (key) => nodeWords(network.nodes.find((node) => node.key === key));
  const links = network.edges
    .map((edge) => ({ edge, loss: edge.probes === 0 ? null : edge.failures / edge.probes }))
    .sort((a, b) => (b.loss ?? -1) - (a.loss ?? -1));
  return [
    element(
      "details",
      {},
      element("summary", { "data-key": "links" }, `Links as a table (${links.length})`),
      table(
        "Links",
        ["From", "To", "Flows", "Loss"],
        links.map(({ edge, loss }) => [
          name(edge.from),
          name(edge.to),
          edge.buckets.length,
          percent(loss),
        ]),
        links.map(({ edge, loss }) => edgeWords(edge, network, loss)),
      ),
    ),
    element(
      "details",
      {},
      element("summary", { "data-key": "paths" }, `Paths as a table (${paths.length})`),
      table(
        "Paths",
        ["Path", "Hops", "Flows", "Success"],
        paths.map(({ id, hops, flows, success_ratio: success }) => [
          id,
          hops.map((hop) => hop ?? "*").join(" > "),
          flows,
          percent(success),
        ]),
      ),
    ),
  ];
}

function table(caption, heads, rows, titles = []) {
  return element(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    element(
      "table",
      {},
      element("caption", {}, caption),
      element(
        "thead",
        {},
        element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head))),
      ),
      element(
        "tbody",
        {},
        ...rows.map((row, at) =>
          element("tr", { title: titles[at] }, ...row.map((cell) => element("td", {}, cell))),
        ),
      ),
    ),
  );
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
