import { METRICS } from "../../src/metrics/metric-table.ts";
import { OWN_METRICS } from "../../src/metrics/own-metric-table.ts";

/** Every metric that the exporter shows. */
export const ALL_METRICS = { ...METRICS, ...OWN_METRICS };
