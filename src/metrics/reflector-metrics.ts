import { type Family, renderLabels } from "./family.ts";
import type { MetricSpec } from "./metric-spec.ts";
import { OWN_METRICS } from "./own-metric-table.ts";

/** Why a request got no answer (values of the `reason` label). */
export const REFUSALS = ["source", "short", "loop", "rate", "send_error"] as const;
export type Refusal = (typeof REFUSALS)[number];

/** What a reflector counts; read at scrape time. */
export interface ReflectorCounters {
  received: number;
  answered: number;
  readonly refused: Map<Refusal, number>;
}

/** Every metric of a reflector: name, type, help, labels. */
export const REFLECTOR_METRICS = {
  received: {
    name: "ecmp_reflector_packets_received_total",
    type: "counter",
    help: "Datagrams received, whether they were answered or not.",
    labels: [],
  },
  answered: {
    name: "ecmp_reflector_packets_answered_total",
    type: "counter",
    help: "Requests answered.",
    labels: [],
  },
  refused: {
    name: "ecmp_reflector_packets_refused_total",
    type: "counter",
    help: "Requests not answered: source (not in an allowed network), short (fewer than 44 bytes), loop (an answer, or from the port of a service), rate (over the limit of its source) or send_error.",
    labels: ["reason"],
  },
  sessions: {
    name: "ecmp_reflector_sessions",
    type: "gauge",
    help: "Test sessions remembered, each with its own sequence numbers; the least recently used are forgotten first.",
    labels: [],
  },
} as const;

/** The families of a reflector. */
export function reflectorFamilies(
  counters: ReflectorCounters,
  sessions: () => number,
  build: { readonly version: string; readonly revision: string },
): Family[] {
  const { version, revision } = build;
  const info = renderLabels({ version, revision, nodeversion: process.version });
  const single = ({ name, type, help }: MetricSpec, value: () => number, labels = ""): Family => ({
    name,
    type,
    help,
    collect: (emit) => emit(labels, value()),
  });
  return [
    single(OWN_METRICS.buildInfo, () => 1, info),
    single(REFLECTOR_METRICS.received, () => counters.received),
    single(REFLECTOR_METRICS.answered, () => counters.answered),
    {
      ...REFLECTOR_METRICS.refused,
      collect(emit) {
        for (const [reason, count] of counters.refused) emit(renderLabels({ reason }), count);
      },
    },
    single(REFLECTOR_METRICS.sessions, sessions),
  ];
}
