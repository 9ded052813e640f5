// The overview: every target in a row, the worst first.
import { element, replace } from "./elements.js";
import { eventList } from "./events.js";
import { hourStrip } from "./hour-strip.js";
import { labelsOf, shownRows, verdictCounts } from "./overview-rows.js";
import { ago, count, endpoint, percent, VERDICTS, verdictOf } from "./text.js";

/** Rows that are added whenever the end of the table comes into sight. */
const ROWS = 50;

const COLUMNS = [
  { sort: "name", title: "Target", class: "" },
  { sort: "verdict", title: "Verdict", class: "" },
  { sort: "success", title: "Success", class: "number wide" },
  { sort: "failing", title: "Failing", class: "number" },
  { sort: "paths", title: "Paths", class: "number wide" },
  { sort: "coverage", title: "Coverage", class: "number wide" },
  { sort: "changed", title: "Last change", class: "wide" },
];

/** Shows the summary's targets in a place of the document, and goes on showing newer ones. */
export class Overview {
  #wanted = { search: "", verdict: "", label: "", sort: "verdict", descending: false };
  #targets = [];
  #now = 0;
  #limit = ROWS;
  #rows = new Map();
  #counts = element("p", { class: "counts", role: "status" });
  #labels = element("select", {
    id: "label",
    onchange: (event) => this.#want({ label: event.target.value }),
  });
  #verdicts = element("select", {
    id: "verdict",
    onchange: (event) => this.#want({ verdict: event.target.value }),
  });
  #body = element("tbody");
  #heads = new Map();
  #events = element("details", { class: "events", hidden: true });
  #last;
  #end = element("p", { class: "end", "aria-hidden": "true" });
  #watcher = new IntersectionObserver((entries) => {
    if (entries.some(({ isIntersecting }) => isIntersecting)) this.#more();
  });

  /** @param {Element} place */
  constructor(place) {
    const search = element("input", {
      id: "search",
      type: "search",
      autocomplete: "off",
      spellcheck: "false",
      placeholder: "name, address, label=value",
      oninput: (event) => this.#want({ search: event.target.value }),
    });
    this.#verdicts.append(
      element("option", { value: "" }, "Any verdict"),
      ...VERDICTS.map(({ verdict, words }) => element("option", { value: verdict }, words)),
    );
    const head = element("tr", {}, ...COLUMNS.map((column) => this.#head(column)), hourHead());
    place.replaceChildren(
      element("h1", { tabindex: -1 }, "Targets"),
      element(
        "div",
        { class: "filters", role: "search" },
        element("label", { for: "search" }, "Search ", search),
        element("label", { for: "verdict" }, "Verdict ", this.#verdicts),
        element("label", { for: "label" }, "Label ", this.#labels),
      ),
      this.#counts,
      this.#events,
      element("table", { class: "targets" }, element("thead", {}, head), this.#body),
      this.#end,
    );
    this.#watcher.observe(this.#end);
  }

  /**
   * @param {object[]} targets rows of the summary
   * @param {number} now milliseconds since the Unix epoch
   * @param {object[]} events of all targets and the exporter, the oldest first
   */
  show(targets, now, events) {
    this.#changes(events);
    this.#targets = targets;
    this.#now = now;
    const labels = ["", ...labelsOf(targets)];
    const shown = [...this.#labels.options].map(({ value }) => value);
    if (JSON.stringify(labels) !== JSON.stringify(shown)) {
      this.#labels.replaceChildren(
        ...labels.map((label) => element("option", { value: label }, label || "Any label")),
      );
      this.#labels.value = labels.includes(this.#wanted.label) ? this.#wanted.label : "";
      this.#wanted.label = this.#labels.value;
    }
    this.#draw();
  }

  /** What changed lately, folded away until somebody asks. */
  #changes(events) {
    const last = events.at(-1);
    if (last === undefined || last.id === this.#last) return;
    this.#last = last.id;
    this.#events.hidden = false;
    const words = `What changed (${count(events.length, "event")})`;
    replace(
      this.#events,
      element("summary", { "data-key": "events" }, words),
      eventList(events, true),
    );
  }

  /** It is shown no longer. */
  close() {
    this.#watcher.disconnect();
  }

  #want(change) {
    this.#wanted = { ...this.#wanted, ...change };
    this.#limit = ROWS;
    this.#draw();
  }

  #more() {
    if (this.#limit >= this.#targets.length) return;
    this.#limit += ROWS;
    this.#draw();
    // Observed anew, it is reported again should it still be in sight.
    this.#watcher.unobserve(this.#end);
    this.#watcher.observe(this.#end);
  }

  #draw() {
    const { sort, descending } = this.#wanted;
    for (const [name, head] of this.#heads) {
      const order = descending ? "descending" : "ascending";
      head.setAttribute("aria-sort", name === sort ? order : "none");
    }
    const fitting = shownRows(this.#targets, this.#wanted);
    const shown = fitting.slice(0, this.#limit);
    replace(this.#body, ...shown.map((target) => this.#row(target)));
    const names = new Set(this.#targets.map(({ name }) => name));
    for (const name of this.#rows.keys()) if (!names.has(name)) this.#rows.delete(name);
    const parts = verdictCounts(this.#targets).map(
      ({ targets, words, sign }) => `${sign} ${targets} ${words.toLowerCase()}`,
    );
    const some =
      fitting.length === this.#targets.length ? "" : `; ${fitting.length} fit the filter`;
    const words =
      this.#targets.length === 0
        ? "No targets are configured."
        : `${count(this.#targets.length, "target")}: ${parts.join(", ")}${some}.`;
    if (this.#counts.textContent !== words) this.#counts.textContent = words;
  }

  #head({ sort, title, class: name }) {
    const press = () =>
      this.#want({ sort, descending: this.#wanted.sort === sort && !this.#wanted.descending });
    const button = element("button", { type: "button", onclick: press }, title);
    const head = element("th", { scope: "col", class: name, "aria-sort": "none" }, button);
    this.#heads.set(sort, head);
    return head;
  }

  /** A row is built anew only when something in it has changed. */
  #row(target) {
    const changed = target.changed_at == null ? "–" : ago((this.#now - target.changed_at) / 1000);
    const content = JSON.stringify([target, changed]);
    const known = this.#rows.get(target.name);
    if (known?.content === content) return known.row;
    const row = rowOf(target, changed);
    this.#rows.set(target.name, { content, row });
    return row;
  }
}

function hourHead() {
  return element("th", { scope: "col", class: "wide" }, "Last hour");
}

function rowOf(target, changed) {
  const { name, protocol, verdict, reason, flows, failing } = target;
  const { words, sign, level } = verdictOf(verdict);
  const labels = Object.entries(target.labels).map(([label, value]) => `${label}=${value}`);
  return element(
    "tr",
    { class: level },
    element(
      "th",
      { scope: "row" },
      element(
        "a",
        { href: `#/target/${encodeURIComponent(name)}`, "data-key": `target ${name}` },
        name,
      ),
      element("span", { class: "more" }, `${protocol} ${endpoint(target)} ${labels.join(" ")}`),
    ),
    element(
      "td",
      {},
      element(
        "span",
        { class: `verdict ${level}` },
        element("span", { class: "sign", "aria-hidden": "true" }, sign),
        words,
      ),
      verdict === "healthy" ? null : element("span", { class: "more" }, reason),
    ),
    element("td", { class: "number wide" }, percent(target.success_ratio)),
    element("td", { class: "number" }, `${failing} of ${flows}`),
    element("td", { class: "number wide" }, target.paths),
    element("td", { class: "number wide" }, percent(target.coverage)),
    element("td", { class: "wide" }, changed),
    element("td", { class: "wide" }, hourStrip(target.hour ?? "")),
  );
}
