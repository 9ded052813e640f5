import type { DataTransformerConfig } from "@grafana/grafana-foundation-sdk/dashboard";
import {
  ArcOptionBuilder,
  EdgeOptionsBuilder,
  PanelBuilder as NodeGraphBuilder,
  NodeOptionsBuilder,
  ZoomMode,
} from "@grafana/grafana-foundation-sdk/nodegraph";
import { type About, described, NOW } from "./panels.ts";
import { LINKS, lossBy, rateBy, withHopName } from "./promql.ts";
import { rows } from "./query.ts";

const ENDS = "hop_from, hop_to";

/**
 * The routers and links that flows cross, with loss on each. Nodes and edges are made of the same links, since the panel
 * fails as a whole when an edge ends at a node that is not there.
 * @param matchers choose the series
 */
export function topology(about: Omit<About, "unit">, matchers: string): NodeGraphBuilder {
  const panel = described(new NodeGraphBuilder(), { ...about, unit: "percent" })
    .interval(NOW)
    .withTarget(rows(edge(coloured(matchers)), "edges"))
    .withTarget(rows(edge(crossing(matchers)), "edges_rate"))
    .withTarget(rows(node(nodeLoss(matchers)), "nodes"))
    .withTarget(rows(byNode(crossing(matchers)), "nodes_rate"))
    // The panel writes a number and the unit's name behind it, so these are texts and not ids of units.
    .edges(new EdgeOptionsBuilder().mainStatUnit("%").secondaryStatUnit("probes/s"))
    .nodes(
      new NodeOptionsBuilder()
        .mainStatUnit("%")
        .secondaryStatUnit("probes/s")
        .arcs([
          new ArcOptionBuilder().field("arc__lost").color("red"),
          new ArcOptionBuilder().field("arc__passed").color("green"),
        ]),
    )
    .zoomMode(ZoomMode.Cooperative);
  for (const transformation of FIELDS) panel.withTransformation(transformation);
  return panel;
}

/** Probes a second over each link that anything crossed. */
function crossing(matchers: string): string {
  return `${rateBy(ENDS, LINKS.probes, matchers)} > 0`;
}

/**
 * Loss of each link, coloured: a failing flow counts on every link that it crosses, so loss alone accuses its whole path;
 * red is what the exporter suspects.
 */
function coloured(matchers: string): string {
  const loss = `(${lossBy(ENDS, LINKS, matchers)})`;
  const suspects = `ecmp_suspect_link_loss_ratio{${matchers}}`;
  const routers = `label_replace(ecmp_suspect_link_loss_ratio{${matchers},place="router"}, "hop_to", "$1", "name", "(.+)")`;
  const colour = (links: string, name: string) =>
    `label_replace(${links}, "color", "${name}", "hop_to", ".*")`;
  return [
    colour(`(${loss} and on (${ENDS}) ${suspects})`, "red"),
    // A router that is suspected is called by its address where it has no name: red is what leads into it.
    colour(`(${loss} and on (hop_to) ${routers})`, "red"),
    colour(`(${loss} > 0.01)`, "orange"),
    colour(loss, "green"),
  ].join(` or on (${ENDS}) `);
}

/**
 * The labels that the panel wants of an edge. Its `target` is the far end of the link: the label of that name which the
 * series have is gone by then, summed over.
 */
function edge(links: string): string {
  const ends = `label_replace(label_replace(${links}, "source", "$1", "hop_from", "(.+)"), "target", "$1", "hop_to", "(.+)")`;
  return `label_join(${ends}, "id", ">", "hop_from", "hop_to")`;
}

/** The sum over the links that begin or end at a hop. */
function byNode(links: string): string {
  const id = (end: string) => `label_replace(${links}, "id", "$1", "${end}", "(.+)")`;
  return `sum by (id) (${id("hop_from")} or ${id("hop_to")})`;
}

/** Loss of what touches a hop; a probe that comes and goes counts twice above and below the line. */
function nodeLoss(matchers: string): string {
  return `${byNode(rateBy(ENDS, LINKS.failures, matchers))} / ${byNode(crossing(matchers))}`;
}

/** The labels that the panel wants of a node: the address as its title, the name below. */
function node(hops: string): string {
  const named = withHopName(hops, "id");
  return `label_replace(label_replace(${named}, "title", "$1", "id", "(.+)"), "subtitle", "$1", "name", "(.+)")`;
}

/**
 * One frame of edges and one of nodes. Renaming would only change what a field is shown as, while the panel looks for
 * names; so its fields are calculated, which makes new ones.
 */
const FIELDS: readonly DataTransformerConfig[] = [
  calculated("edges", "mainstat", ["Value #edges", "*", "100"]),
  calculated("edges_rate", "secondarystat", ["Value #edges_rate", "*", "1"]),
  calculated("nodes", "mainstat", ["Value #nodes", "*", "100"]),
  calculated("nodes", "arc__lost", ["Value #nodes", "*", "1"]),
  calculated("nodes", "arc__passed", ["1", "-", "Value #nodes"]),
  calculated("nodes_rate", "secondarystat", ["Value #nodes_rate", "*", "1"]),
  mergedInto("edges"),
  mergedInto("nodes"),
];

function calculated(
  refId: string,
  alias: string,
  [left, operator, right]: readonly [left: string, operator: string, right: string],
): DataTransformerConfig {
  return {
    id: "calculateField",
    filter: { id: "byRefId", options: refId },
    options: { mode: "binary", alias, binary: { left, operator, right } },
  };
}

function mergedInto(prefix: string): DataTransformerConfig {
  return { id: "merge", filter: { id: "byRefId", options: `/^${prefix}/` }, options: {} };
}
