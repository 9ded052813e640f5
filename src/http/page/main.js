// The page: which view is shown, and how it is kept up to date.
import { element } from "./elements.js";
import { EventBook } from "./events.js";
import { grafanaAddress } from "./grafana.js";
import { exporterNotices } from "./notices.js";
import { Overview } from "./overview.js";
import { TargetPage } from "./target.js";

/** How often the exporter is asked, in milliseconds. */
const EVERY_MS = 3_000;
/** The last hour is asked for less often: it grows by half minutes. */
const HISTORY_MS = 14_000;
/** An answer that takes longer is given up. */
const PATIENCE_MS = 10_000;

const main = document.getElementById("view");
const problem = document.getElementById("problem");
const notices = document.getElementById("notices");
const version = document.getElementById("version");
const grafana = document.getElementById("grafana");
const overviewLink = document.getElementById("overview");

/** Asks the exporter; undefined for what there is not. */
async function ask(path) {
  const response = await fetch(path, { signal: AbortSignal.timeout(PATIENCE_MS) });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`the exporter answered ${response.status}`);
  return await response.json();
}

/** @param {string | undefined} name of the target that is looked at */
function showExporter(exporter, name) {
  version.textContent = exporter.version ?? "";
  const address = grafanaAddress(exporter.grafana_url, name);
  grafana.hidden = address === undefined;
  if (address !== undefined) grafana.href = address;
  const sentences = exporterNotices(exporter);
  if (sentences.join("\n") === [...notices.children].map((child) => child.textContent).join("\n"))
    return;
  notices.replaceChildren(
    ...sentences.map((sentence) => element("p", { class: "notice", role: "note" }, sentence)),
  );
}

/** The overview: one request brings all of it. */
function overview() {
  document.title = "ecmp-exporter";
  const view = new Overview(main);
  const book = new EventBook();
  return {
    close: () => view.close(),
    async update(stillShown) {
      const [summary, changed] = await Promise.all([ask("api/v1/summary"), ask(book.query())]);
      if (!stillShown()) return;
      showExporter(summary.exporter);
      book.take(changed);
      view.show(summary.targets, summary.time, book.events);
    },
  };
}

/** One target. */
function target(name) {
  document.title = `${name} – ecmp-exporter`;
  const quoted = encodeURIComponent(name);
  let view;
  let history;
  let askedAt = Number.NEGATIVE_INFINITY;
  const book = new EventBook();
  return {
    close: () => view?.close(),
    async update(stillShown) {
      const old = performance.now() - askedAt > HISTORY_MS;
      const [status, found, past, changed] = await Promise.all([
        ask("api/v1/status"),
        ask(`api/v1/targets/${quoted}`),
        old ? ask(`api/v1/history/${quoted}`) : history,
        ask(book.query(name)),
      ]);
      if (old) askedAt = performance.now();
      history = past;
      book.take(changed);
      if (!stillShown()) return;
      showExporter(status, name);
      if (found === undefined) throw new Error(`there is no target named ${name}`);
      view ??= new TargetPage(main);
      view.show(found, history, book.events);
    },
  };
}

/** What the address asks for. */
function viewOf(hash) {
  const name = /^#\/target\/(.+)$/.exec(hash)?.[1];
  try {
    return name === undefined ? overview() : target(decodeURIComponent(name));
  } catch {
    return overview();
  }
}

let current;
let timer;

async function update() {
  clearTimeout(timer);
  const view = current;
  const stillShown = () => view === current;
  try {
    await view.update(stillShown);
    if (stillShown()) problem.textContent = "";
  } catch (error) {
    const reason = error.name === "TimeoutError" ? "the exporter does not answer" : error.message;
    if (stillShown()) problem.textContent = `What is shown may be old: ${reason}. Trying again.`;
  }
  main.setAttribute("aria-busy", "false");
  // A page that nobody sees asks for nothing.
  if (stillShown() && !document.hidden) timer = setTimeout(update, EVERY_MS);
}

function show(event) {
  current?.close();
  main.onkeydown = null;
  main.setAttribute("aria-busy", "true");
  main.replaceChildren();
  current = viewOf(location.hash);
  if (location.hash.startsWith("#/target/")) overviewLink.removeAttribute("aria-current");
  else overviewLink.setAttribute("aria-current", "page");
  const view = current;
  void update().then(() => {
    if (event === undefined || view !== current) return;
    window.scrollTo(0, 0);
    main.querySelector("h1")?.focus({ preventScroll: true });
  });
}

window.addEventListener("hashchange", show);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) void update();
});
show();
