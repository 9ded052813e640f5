/**
 * The pieces that queries are made of. Every selector carries the job and instance variables, every rate the
 * interval that Grafana fits to the scrapes, so that no panel shows another exporter or an empty window.
 */

/** Matchers of everything that the chosen exporters export. */
export const SCOPE = 'job=~"$job",instance=~"$instance"';
/** Matchers of the chosen targets, where several may be chosen. */
export const TARGETS: string = `${SCOPE},target=~"$target",protocol=~"$protocol"`;
/** Matchers of the one chosen target. Not a regular expression: a single value is not escaped as one. */
export const TARGET: string = `${SCOPE},target="$target",protocol=~"$protocol"`;
/** What tells series of a target apart from those of every other. */
export const KEY = "job, instance, target, protocol";

/** A counter's increase a second, summed by labels; by none, one number. */
export function rateBy(by: string, name: string, matchers: string): string {
  return sumBy(by, `rate(${name}{${matchers}}[$__rate_interval])`);
}

/** The sum by labels; by none, one number. */
export function sumBy(by: string, expression: string): string {
  return `sum${by === "" ? "" : ` by (${by})`} (${expression})`;
}

/** Families whose quotient is a loss ratio: probes, and those of them that failed. */
interface Counters {
  readonly probes: string;
  readonly failures: string;
}

/** Counted by flow bucket. */
export const FLOWS: Counters = {
  probes: "ecmp_probes_total",
  failures: "ecmp_probe_failures_total",
};
/** Counted by path. */
export const PATHS: Counters = {
  probes: "ecmp_path_probes_total",
  failures: "ecmp_path_probe_failures_total",
};
/** Counted by link. */
export const LINKS: Counters = {
  probes: "ecmp_link_probes_total",
  failures: "ecmp_link_probe_failures_total",
};

/**
 * Share of probes that failed, 0 to 1, by labels. What nothing crossed has no loss and gives no series, where 0/0
 * would give one of NaN.
 */
export function lossBy(by: string, { probes, failures }: Counters, matchers: string): string {
  return `${rateBy(by, failures, matchers)} / (${rateBy(by, probes, matchers)} > 0)`;
}

/** Share of probes that were answered, 0 to 1, by labels. */
export function successBy(by: string, counters: Counters, matchers: string): string {
  return `1 - (${lossBy(by, counters, matchers)})`;
}

/**
 * Names of hops, by the label `as`: one a hop, also where exporters disagree, or the join would be ambiguous.
 */
function hopNames(as: string): string {
  const named = `label_replace(ecmp_hop_info{${SCOPE}}, "${as}", "$1", "hop", "(.+)")`;
  return `topk by (${as}) (1, max by (${as}, name) (${named}))`;
}

/**
 * The expression with the hop's name as its label `name`, the hop being in the label `label`. What has no name, and
 * everything where no exporter resolves names, stays as it is.
 */
export function withHopName(expression: string, label: string): string {
  const named = `(${expression}) * on (${label}) group_left (name) ${hopNames(label)}`;
  return `${named} or on (${label}) (${expression})`;
}
