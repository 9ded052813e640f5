import type { Line } from "./line.ts";
import { API } from "./lines/api.ts";
import { BULK } from "./lines/bulk.ts";
import { ENUMERATE } from "./lines/enumerate.ts";
import { GROWTH } from "./lines/growth.ts";
import { OTHERS } from "./lines/others.ts";
import { OUTAGE } from "./lines/outage.ts";
import { PROBE_COSTS } from "./lines/probe-cost.ts";
import { PROMETHEUS } from "./lines/prometheus.ts";
import { RTT } from "./lines/rtt.ts";
import { SATURATED } from "./lines/saturated.ts";
import { STARTS } from "./lines/start.ts";
import { THOUSAND } from "./lines/thousand.ts";

const COSTS = [...PROBE_COSTS, SATURATED, THOUSAND];
const DISTURBANCES = [...STARTS, API, OUTAGE];
const COMPARISONS = [OTHERS, RTT, BULK, ENUMERATE, GROWTH, PROMETHEUS];

/** Everything that `npm run bench` measures, in the order of the table. */
export const LINES: readonly Line[] = [...COSTS, ...DISTURBANCES, ...COMPARISONS];
