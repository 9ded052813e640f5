import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import type { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";
import { lossSteps, steps, successSteps, zeroSteps } from "./colours.ts";
import { merged, withColumns } from "./columns.ts";
import { dashboard } from "./frame.ts";
import { UIDS } from "./links.ts";
import { lines, stack, stat, table } from "./panels.ts";
import { FLOWS, LINKS, lossBy, rateBy, successBy, TARGETS, withHopName } from "./promql.ts";
import { rows, series } from "./query.ts";
import { topology } from "./topology.ts";

const ENDS = "hop_from, hop_to";
const SMALL = { width: 6, height: 4 } as const;
const LINK = "{{hop_from}} > {{hop_to}}";

/** Links as all exporters together see them: what many flows of many exporters have in common. */
export function fleet(): Dashboard {
  return dashboard({
    uid: UIDS.fleet,
    title: "ECMP / Fleet",
    description: "Links across exporters and targets: where the losses of many flows meet.",
    oneTarget: false,
    rows: [
      { title: "Now", panels: numbers() },
      { title: "Links", panels: [network(), mesh(), suspects(), links()] },
      { title: "Over time", panels: overTime() },
    ],
  });
}

function numbers() {
  return [
    stat({
      ...SMALL,
      title: "Exporters",
      description: "Exporters that report targets.",
      unit: "none",
    })
      .thresholds(steps("text"))
      .withTarget(
        series(`count(count by (job, instance) (ecmp_target_info{${TARGETS}}))`, "exporters"),
      ),
    stat({
      ...SMALL,
      title: "Links crossed",
      description: "Different links that any flow crosses.",
      unit: "none",
    })
      .thresholds(steps("text"))
      .withTarget(series(`count(${rateBy(ENDS, LINKS.probes, TARGETS)} > 0)`, "links")),
    stat({
      ...SMALL,
      title: "Suspected places",
      description:
        "Different places that any exporter suspects of losing packets. One that several exporters see by different addresses has one name and counts once.",
      unit: "none",
    })
      .thresholds(zeroSteps())
      .withTarget(
        series(
          `count(count by (name) (ecmp_suspect_link_loss_ratio{${TARGETS}})) or vector(0)`,
          "suspects",
        ),
      ),
    stat({
      ...SMALL,
      title: "Worst link",
      description:
        "Loss of the link that loses most, over all flows of all exporters that cross it.",
      unit: "percentunit",
    })
      .decimals(1)
      .thresholds(lossSteps())
      .withTarget(series(`max(${lossBy(ENDS, LINKS, TARGETS)})`, "loss")),
  ];
}

function network() {
  return topology(
    {
      title: "Topology",
      description:
        "Hops and links that the flows of all chosen exporters and targets cross, with the share of their probes that failed. Source is each exporter itself. Red links are suspected by at least one exporter. Addresses that different networks use for different routers fall together.",
      width: 14,
      height: 14,
    },
    TARGETS,
  );
}

function mesh(): TableBuilder {
  return table({
    title: "Success from exporter to target",
    description:
      "A row for each exporter, a column for each target: share of probes answered in the last five minutes. A red row is an exporter's own trouble or its uplink, a red column a target's.",
    unit: "percentunit",
    width: 10,
    height: 14,
  })
    .thresholds(successSteps())
    .overrideByRegexp("/^(?!instance)/", [
      { id: "custom.cellOptions", value: { type: "color-background", mode: "basic" } },
    ])
    .withTarget(rows(successBy("instance, target", FLOWS, TARGETS)))
    .withTransformation({
      id: "groupingToMatrix",
      options: {
        rowField: "instance",
        columnField: "target",
        valueField: "Value",
        emptyValue: "null",
      },
    });
}

/**
 * The tomography of a fleet: a link that breaks fails for everybody who crosses it, one that lies next to it on some
 * paths only for some. So the least loss that an exporter sees on it tells more than the sum.
 */
function links(): TableBuilder {
  const crossed = `(${rateBy(`instance, ${ENDS}`, LINKS.probes, TARGETS)} > 0)`;
  const losses = lossBy(`instance, ${ENDS}`, LINKS, TARGETS);
  const seen = withHopName(
    `label_replace(${lossBy(ENDS, LINKS, TARGETS)}, "hop", "$1", "hop_to", "(.+)")`,
    "hop",
  );
  const panel = table({
    title: "Links",
    description:
      "Every link with its loss over all flows that cross it. The link that is broken loses for every exporter that crosses it: look for the highest of the least losses. Failing for: exporters that lose at least one probe on it.",
    unit: "none",
    width: 24,
    height: 12,
  })
    .withTarget(rows(seen, "loss"))
    .withTarget(rows(`min by (${ENDS}) (${losses})`, "least"))
    .withTarget(rows(rateBy(ENDS, LINKS.probes, TARGETS), "rate"))
    .withTarget(rows(`count by (${ENDS}) (${crossed})`, "exporters"))
    .withTarget(rows(`count by (${ENDS}) (${losses} > 0)`, "failing"))
    .withTarget(rows(accusers(ENDS), "accused"));
  withColumns(
    merged(panel),
    [
      { from: "hop_from", title: "From" },
      { from: "hop_to", title: "To" },
      { from: "name", title: "Name" },
      {
        from: "Value #loss",
        title: "Loss",
        unit: "percentunit",
        decimals: 2,
        thresholds: lossSteps(),
      },
      {
        from: "Value #least",
        title: "Least loss of an exporter",
        unit: "percentunit",
        decimals: 2,
        thresholds: lossSteps(),
      },
      { from: "Value #accused", title: "Suspected by", unit: "none", thresholds: zeroSteps() },
      { from: "Value #failing", title: "Failing for", unit: "none" },
      { from: "Value #exporters", title: "Crossed by", unit: "none" },
      { from: "Value #rate", title: "Probes", unit: "reqps", decimals: 1 },
    ],
    ["hop"],
  );
  return panel.withTransformation({
    id: "sortBy",
    options: { fields: {}, sort: [{ field: "Least loss of an exporter", desc: true }] },
  });
}

/** How many exporters suspect what has these labels. */
function accusers(labels: string): string {
  return `count by (${labels}) (count by (instance, ${labels}) (ecmp_suspect_link_loss_ratio{${TARGETS}}))`;
}

function suspects(): TableBuilder {
  const labels = "name, place, segment";
  const suspected = `ecmp_suspect_link_loss_ratio{${TARGETS}}`;
  const panel = table({
    title: "Suspects",
    description:
      "Places that exporters suspect, by name, the one that most suspect first. A router has one name whichever of its interfaces an exporter sees. Empty while nothing is suspected.",
    unit: "none",
    width: 24,
    height: 7,
  })
    .withTarget(rows(accusers(labels), "exporters"))
    .withTarget(
      rows(
        `count by (${labels}) (count by (target, protocol, ${labels}) (${suspected}))`,
        "targets",
      ),
    )
    .withTarget(rows(`max by (${labels}) (${suspected})`, "loss"));
  withColumns(merged(panel), [
    { from: "name", title: "Name" },
    { from: "place", title: "Place" },
    { from: "segment", title: "Segment" },
    { from: "Value #exporters", title: "Exporters", unit: "none", thresholds: zeroSteps() },
    { from: "Value #targets", title: "Targets", unit: "none" },
    {
      from: "Value #loss",
      title: "Loss",
      unit: "percentunit",
      decimals: 1,
      thresholds: lossSteps(),
    },
  ]);
  return panel.withTransformation({
    id: "sortBy",
    options: { fields: {}, sort: [{ field: "Exporters", desc: true }] },
  });
}

function overTime() {
  const half = { width: 12, height: 9 } as const;
  return [
    lines({
      ...half,
      title: "Links that lose most",
      description:
        "The ten links with the most loss at each moment, over all exporters. The links before and behind a broken one on the same paths lose with it.",
      unit: "percentunit",
    })
      .min(0)
      .withTarget(series(`topk(10, ${lossBy(ENDS, LINKS, TARGETS)})`, LINK)),
    lines({
      ...half,
      title: "Success by exporter",
      description: "Share of answered probes by where they were sent from.",
      unit: "percentunit",
    })
      .max(1)
      .withTarget(series(successBy("instance", FLOWS, TARGETS), "{{instance}}")),
    stack({
      ...half,
      title: "Exporters that suspect a place",
      description:
        "How many exporters suspect each place, by its name. Empty while none does. A place that several suspect from different sides is the one to have looked at.",
      unit: "none",
    }).withTarget(series(accusers("place, name"), "{{place}} {{name}}")),
    lines({
      ...half,
      title: "Path changes",
      description:
        "Flows a second that take another path than before. A step at all exporters at once is a rerouting in the core.",
      unit: "ops",
    }).withTarget(series(rateBy("instance", "ecmp_path_changes_total", TARGETS), "{{instance}}")),
  ];
}
