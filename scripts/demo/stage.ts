import { Daemon, NEVER } from "../../test/lab/daemon.ts";
import { Lab } from "../../test/lab/lab.ts";
import { startService } from "../../test/lab/services.ts";
import { story, VIP } from "../../test/lab/topologies.ts";
import { Ping } from "./ping.ts";

/** The service of the story, and the router that breaks. */
export const PORT = 3306;
export const BROKEN = "r8";
export const TARGET = "mysql-vip";
/** Short, so that something happens on the screen. */
export const INTERVAL_MS = 2000;
export const FLOWS = 64;

const PARALLEL = ["r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9"];
/** One ping in eight crosses the broken router; twelve networks in a row that do so are beyond bad luck. */
const MOST_NETWORKS = 12;

/** Everything that runs. */
export interface Stage {
  readonly lab: Lab;
  readonly daemon: Daemon;
  readonly ping: Ping;
  /** The parallel router that the ping crosses; not the one that breaks. */
  readonly pingRouter: string;
}

/**
 * Builds the network, starts the service, the ping and the daemon, and hands them to `play`; afterwards removes all
 * of it, whatever happened.
 * @param signal gives up what is being built
 * @throws AbortError when the signal says so; what the missing network makes fail may come first
 */
export async function withStage<T>(
  signal: AbortSignal,
  play: (stage: Stage) => Promise<T>,
): Promise<T> {
  const { lab, pingRouter } = await buildNetwork(signal);
  try {
    await startService(lab, "vip", "tcp", PORT);
    signal.throwIfAborted();
    const ping = new Ping(lab, "client", VIP);
    const daemon = await Daemon.start(lab, "client", {
      probe: {
        interval: `${INTERVAL_MS}ms`,
        timeout: "500ms",
        flow_buckets: FLOWS,
        rotation: NEVER,
      },
      targets: [{ name: TARGET, host: VIP, port: PORT, protocol: "tcp" }],
    });
    try {
      signal.throwIfAborted();
      return await play({ lab, daemon, ping, pingRouter });
    } finally {
      await daemon.stop();
    }
  } finally {
    await lab.destroy();
  }
}

/** Builds the story's network with the first hash seed by which a ping takes another router than the broken one. */
async function buildNetwork(signal: AbortSignal): Promise<{ lab: Lab; pingRouter: string }> {
  for (let seed = 1; seed <= MOST_NETWORKS; seed += 1) {
    signal.throwIfAborted();
    const lab = await Lab.build(story(PARALLEL.length, { hostAccess: ["client"], seed }));
    try {
      signal.throwIfAborted();
      const pingRouter = await routerOfPing(lab);
      if (pingRouter !== BROKEN) return { lab, pingRouter };
    } catch (error) {
      await lab.destroy();
      throw error;
    }
    await lab.destroy();
  }
  throw new Error(`in ${MOST_NETWORKS} networks every ping crosses ${BROKEN}`);
}

/** Which of the parallel routers was handed the echo requests, by its own record. */
async function routerOfPing(lab: Lab): Promise<string> {
  await lab.exec("client", ["ping", "-n", "-q", "-c", "3", "-i", "0.2", VIP]);
  for (const router of PARALLEL) {
    if ((await lab.truth(router).identifiers()).size > 0) return router;
  }
  throw new Error("no router has seen the ping");
}
