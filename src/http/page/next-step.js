// What to do about a target. Plain data in, a sentence out.

const STEPS = {
  target_down: "Look at the target and its last link, not at the paths.",
  source_fault: "Look at this exporter's host, and do not trust its other verdicts meanwhile.",
  path_fault:
    "Take the suspected link or router out of service, and send the network team the text below.",
  path_loss:
    "Look at the error and drop counters of the suspected link or router, and send the network team the text below.",
};

/** Where nothing on the way there is suspected. */
const BEHIND =
  "Look at the target's own host, at a balancer in front of it, and at the way back: the way there works.";
/** Where flows fail on some paths, and nobody knows the place yet. */
const NO_PLACE = "Look at the hop behind which the failing flows die, until a place is suspected.";

/** The next step; undefined where there is nothing to do but to wait. @param {object} target as `/api/v1/targets/NAME` gives it */
export function nextStep({ verdict, suspects, error }) {
  if (error)
    return "See the name of the target in the configuration, its name servers and its route.";
  if (verdict === "path_fault" || verdict === "path_loss") {
    if (suspects.length === 0) return NO_PLACE;
    if (suspects.every(({ segment }) => segment !== "forward")) return BEHIND;
  }
  return STEPS[verdict];
}
