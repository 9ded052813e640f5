import { dropForward, dropReplies, type Fault, loss } from "../../test/lab/faults.ts";
import type { Lab } from "../../test/lab/lab.ts";
import type { Screen } from "./screen.ts";
import { BROKEN, type Stage } from "./stage.ts";
import type { Story } from "./story.ts";

/** One act of the tour: what is said of it, and what is done to the network. */
interface Scene {
  readonly act: string;
  readonly begin?: (lab: Lab) => Promise<Fault>;
}

const LOSSY = "r5";
const TAKEN_OUT = "r9";
const ONE_WAY = "r6";

const SCENES: readonly Scene[] = [
  { act: "The network is healthy." },
  {
    act: `${BROKEN} drops what it should forward; nothing else has changed.`,
    begin: (lab) => dropForward(lab, BROKEN),
  },
  { act: `${BROKEN} is healed.` },
  { act: `${LOSSY} loses a third of what it forwards.`, begin: (lab) => loss(lab, LOSSY, 33) },
  {
    act: `${LOSSY} is healed; ${TAKEN_OUT} is taken out of service, so routers hash anew.`,
    begin: async (lab) => {
      await lab.reroute([TAKEN_OUT]);
      return { heal: () => lab.reroute() };
    },
  },
  {
    act: `${TAKEN_OUT} is back; ${ONE_WAY} drops what comes back from the service.`,
    begin: (lab) => dropReplies(lab, ONE_WAY),
  },
  { act: "Everything is healed." },
];

/** Number of acts, to share the time among. */
export const TOUR_ACTS: number = SCENES.length;

/** Plays every act for so long, and says after each what the exporter makes of it. */
export async function playTour(
  story: Story,
  { lab }: Pick<Stage, "lab">,
  screen: Screen,
  actMs: number,
): Promise<void> {
  for (const { act, begin } of SCENES) {
    const fault = await begin?.(lab);
    const { verdict, reason, suspects } = await story.scene(act, actMs);
    screen.say(`  the exporter: ${verdict}: ${reason}`);
    for (const suspect of suspects) screen.say(`    ${suspect.reason}`);
    await fault?.heal();
  }
}
