import {
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from "@grafana/grafana-foundation-sdk/dashboard";
import type { Verdict } from "../../src/localize/verdict.ts";

/** How a verdict is drawn: its number in queries, which grows with how bad it is, its words and its colour. */
interface VerdictLook {
  readonly code: number;
  readonly text: string;
  readonly color: string;
}

/** Every verdict. Panels can colour numbers only, so queries turn a verdict into its code. */
export const VERDICT_LOOKS: Readonly<Record<Verdict, VerdictLook>> = {
  healthy: { code: 0, text: "healthy", color: "green" },
  indeterminate: { code: 1, text: "indeterminate", color: "#8e8e8e" },
  path_loss: { code: 2, text: "path loss", color: "yellow" },
  path_fault: { code: 3, text: "path fault", color: "orange" },
  source_fault: { code: 4, text: "source fault", color: "purple" },
  target_down: { code: 5, text: "target down", color: "red" },
};

/** The verdicts that hold as codes, by labels; with several exporters or targets in one group, the worst. */
export function verdictCode(by: string, matchers: string): string {
  const codes = Object.entries(VERDICT_LOOKS).map(
    ([verdict, { code }]) => `ecmp_target_verdict{${matchers},verdict="${verdict}"} * ${code}`,
  );
  return `max by (${by}) (${codes.join(" or ")})`;
}

/** Shows numbers as words. */
export function words(
  looks: Iterable<{ readonly code: number; readonly text: string; readonly color: string }>,
): ValueMapping[] {
  const options = Object.fromEntries(
    [...looks].map(({ code, text, color }, index) => [String(code), { text, color, index }]),
  );
  return [{ type: MappingType.ValueToText, options }];
}

/** Words of verdict codes. */
export const VERDICT_WORDS: ValueMapping[] = words(Object.values(VERDICT_LOOKS));

/** Words of a gauge that is 1 while all is well. */
export function upWords(up: string, down: string): ValueMapping[] {
  return words([
    { code: 1, text: up, color: "green" },
    { code: 0, text: down, color: "red" },
  ]);
}

/** Thresholds: a first colour, and where each next one begins. */
export function steps(
  base: string,
  ...above: readonly (readonly [from: number, color: string])[]
): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([{ value: null, color: base }, ...above.map(([value, color]) => ({ value, color }))]);
}

/** Of a share of answered probes: all but a few is well, a few lost is a warning. */
export function successSteps(): ThresholdsConfigBuilder {
  return steps("red", [0.5, "orange"], [0.99, "yellow"], [0.999, "green"]);
}

/** Of a share of lost probes. */
export function lossSteps(): ThresholdsConfigBuilder {
  return steps("green", [0.001, "yellow"], [0.01, "orange"], [0.5, "red"]);
}

/** Of what should stay at nothing. */
export function zeroSteps(color = "red"): ThresholdsConfigBuilder {
  return steps("green", [1, color]);
}

/** Lets thresholds choose the colour. */
export function byThresholds(): FieldColorBuilder {
  return new FieldColorBuilder().mode(FieldColorModeId.Thresholds);
}
