import type { Line } from "./line.ts";
import { API } from "./lines/api.ts";
import { OUTAGE } from "./lines/outage.ts";
import { PROBE_COSTS } from "./lines/probe-cost.ts";
import { SATURATED } from "./lines/saturated.ts";
import { STARTS } from "./lines/start.ts";
import { THOUSAND } from "./lines/thousand.ts";

/** Everything that `npm run bench` measures, in the order of the table. */
export const LINES: readonly Line[] = [...PROBE_COSTS, SATURATED, THOUSAND, ...STARTS, API, OUTAGE];
