import { type Counts, flowsOf } from "./counts.ts";
import { logChoose } from "./log-choose.ts";

/**
 * Loss that the Internet brings without a fault, and the probes that this belief is worth. Chosen, like the bounds below, so that
 * 300 healthy networks of `npm run bench:localize` with up to 1 % of noise raise no alarm (2026-11).
 */
const USUAL = 0.0005;
const USUAL_PROBES = 2000;
const LEAST = 0.0002;
/**
 * More than this on every flow is a fault of its own, on what all flows share. One probe in a hundred lost on its way
 * through many networks is common and nobody's fault in particular.
 */
const MOST = 0.012;
/** Rounds of splitting the flows into clean and faulty ones; they settle in fewer. */
const ROUNDS = 12;

/**
 * Share of probes lost without a hypothesis. Each flow is either clean, losing this share, or faulty, losing any share alike
 * (a uniform prior integrates to 1 / (probes + 1) for every count); the split and the share are fitted together
 * (expectation maximisation). Flows for which `explained` holds are left out.
 */
export function estimateNoise(
  counts: readonly (Pick<Counts, "probes" | "failures"> & Partial<Counts>)[],
  explained: (flow: number) => boolean = () => false,
): number {
  const flows = counts.filter(({ probes }, i) => probes > 0 && !explained(i));
  const all = flowsOf(flows);
  let noise = USUAL;
  let faulty = 0.2;
  for (let round = 0; round < ROUNDS; round++) {
    let lost = USUAL * USUAL_PROBES;
    let sent = USUAL_PROBES;
    let sick = 0.5;
    for (const { probes, failures, alike = 1 } of flows) {
      const clean =
        (1 - faulty) *
        Math.exp(
          logChoose(probes, failures) +
            failures * Math.log(noise) +
            (probes - failures) * Math.log(1 - noise),
        );
      const ill = faulty / (probes + 1);
      const share = clean / (clean + ill);
      lost += alike * share * failures;
      sent += alike * share * probes;
      sick += alike * (1 - share);
    }
    noise = Math.min(MOST, Math.max(LEAST, lost / sent));
    faulty = Math.min(0.9, sick / (all + 1));
  }
  return noise;
}
