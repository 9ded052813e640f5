import { lines } from "./panels.ts";
import { FLOWS, KEY, SCOPE, successBy, TARGET } from "./promql.ts";
import { series } from "./query.ts";

const THIRD = { width: 8, height: 9 } as const;
const NAME = "{{protocol}} {{target}} {{instance}}";

/**
 * What a ping says beside what the service's own flows say. For there to be a comparison the address has to be a target
 * with protocol icmp as well.
 */
export function pingVersusTcp() {
  return [
    lines({
      ...THIRD,
      title: "Success by protocol",
      description:
        "Success of every target with the same address, whatever its protocol. Routers hash pings by addresses alone and all of them take one path: a ping at 100 % beside TCP at less is what one broken path looks like. Add a target with protocol icmp and this host to compare.",
      unit: "percentunit",
    })
      .max(1)
      .withTarget(series(sameAddress(successBy(KEY, FLOWS, SCOPE)), NAME)),
    lines({
      ...THIRD,
      title: "Failing flows by protocol",
      description: "Share of the current flows that fail, of every target with the same address.",
      unit: "percentunit",
    })
      .min(0)
      .withTarget(
        series(
          sameAddress(
            `max by (${KEY}) (ecmp_target_flows_failing{${SCOPE}}) / count by (${KEY}) (ecmp_flow_source_port{${SCOPE}})`,
          ),
          NAME,
        ),
      ),
    lines({
      ...THIRD,
      title: "Paths by protocol",
      description:
        "Distinct paths that the flows of each target with the same address take. Ping usually has one: what it says holds for that path alone.",
      unit: "none",
    }).withTarget(series(sameAddress(`max by (${KEY}) (ecmp_target_paths{${SCOPE}})`), NAME)),
  ];
}

/** Of an expression by the key of targets, those with an address that the chosen target has on the same exporter. */
function sameAddress(expression: string): string {
  const addressed = `(${expression}) * on (${KEY}) group_left (address) max by (${KEY}, address) (ecmp_target_info{${SCOPE}})`;
  return `${addressed} and on (job, instance, address) ecmp_target_info{${TARGET}}`;
}
