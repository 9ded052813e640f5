/** The addresses of the dashboards: they are linked to by these, so they stay. */
export const UIDS = {
  overview: "ecmp-overview",
  target: "ecmp-target",
  fleet: "ecmp-fleet",
  exporter: "ecmp-exporter",
} as const;

/** A variable of Grafana's in a text, `field.path:format` and all. */
export function variable(name: string): string {
  return `$\{${name}}`;
}

/**
 * The Target dashboard of a table's row, whose columns are called Job, Exporter, Protocol and Target, in the time range
 * that is shown.
 */
export const TO_TARGET: Link = {
  title: "This target in detail",
  url: [
    `/d/${UIDS.target}?${variable("__url_time_range")}`,
    `var-datasource=${variable("datasource")}`,
    `var-job=${field("Job")}`,
    `var-instance=${field("Exporter")}`,
    `var-protocol=${field("Protocol")}`,
    `var-target=${field("Target")}`,
  ].join("&"),
};

/** Where a click on a value leads. */
export interface Link {
  readonly title: string;
  readonly url: string;
  /** Opens beside the dashboard instead of in its place. */
  readonly elsewhere?: boolean;
}

/**
 * The API's word on the target, with its flows and the commands that reproduce a fault. It is asked of the exporter
 * itself, at the address that Prometheus scrapes, which the table has in a column called Exporter.
 * @param target the variable that holds the target's name
 */
export function toApi(target: string): Link {
  const name = variable(`${target}:percentencode`);
  return {
    title: "What the exporter's API says",
    url: `http://${variable("__data.fields.Exporter")}/api/v1/targets/${name}`,
    elsewhere: true,
  };
}

/** A column of the row that was clicked, fit for a URL. */
function field(title: string): string {
  return variable(`__data.fields.${title}:percentencode`);
}
