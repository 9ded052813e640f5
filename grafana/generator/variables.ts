import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { SCOPE } from "./promql.ts";
import { DATASOURCE } from "./query.ts";

/**
 * The variables of every dashboard, each narrowing the next: data source, job, instance, protocol, target.
 * @param oneTarget the last takes one value instead of several
 */
export function variables(oneTarget: boolean): Builder<VariableModel>[] {
  const info = "ecmp_exporter_build_info";
  const target = labelValues(
    "target",
    "Target",
    `ecmp_target_info{${SCOPE},protocol=~"$protocol"}`,
  ).description("A name of the exporter's configuration.");
  return [
    new DatasourceVariableBuilder("datasource")
      .label("Data source")
      .description("The Prometheus that scrapes the exporters.")
      .type("prometheus"),
    several(labelValues("job", "Job", info)).description("The scrape job of the exporters."),
    several(labelValues("instance", "Instance", `${info}{job=~"$job"}`)).description(
      "The exporters: each sees the network from where it stands.",
    ),
    several(labelValues("protocol", "Protocol", `ecmp_target_info{${SCOPE}}`)).description(
      "What the targets are probed with.",
    ),
    oneTarget ? target : several(target),
  ];
}

function labelValues(name: string, label: string, of: string): QueryVariableBuilder {
  const query = `label_values(${of}, ${name})`;
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource({ ...DATASOURCE })
    .query({ query, refId: name })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc);
}

/** Several values or all. `.+` and not `.*`: a series without the label is somebody else's. */
function several(variable: QueryVariableBuilder): QueryVariableBuilder {
  return variable
    .multi(true)
    .includeAll(true)
    .allValue(".+")
    .current({ selected: true, text: "All", value: "$__all" });
}
