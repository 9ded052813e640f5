// Tables of the page, for those who read rather than look.
import { element } from "./elements.js";
import { edgeWords, nodeWords } from "./network-drawing.js";
import { percent } from "./text.js";

/** The links of a network and the paths of a target. */
export function networkTables(network, { paths }) {
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

/** A table that scrolls by itself. @param {string[]} titles of the rows */
export function table(caption, heads, rows, titles = []) {
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
