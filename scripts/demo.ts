// The story in one terminal: a service behind eight parallel routers, one of which breaks. Connections fail now and
// then, a ping loses nothing, and the exporter says which flows fail and where.
import { existsSync } from "node:fs";
import { LAPSE } from "../test/lab/alert-stack.ts";
import { VIP } from "../test/lab/topologies.ts";
import { HELP, parseOptions } from "./demo/options.ts";
import { openScreen, type Screen } from "./demo/screen.ts";
import { BROKEN, FLOWS, PORT, type Stage, withStage } from "./demo/stage.ts";
import { type Acts, type Findings, nameHop, Story } from "./demo/story.ts";
import { playTour, TOUR_ACTS } from "./demo/tour.ts";

/** Acts of the demo that goes on until Ctrl-C. */
const ENDLESS: Acts = { healthyMs: 10_000, brokenMs: 60_000, healedMs: 20_000 };
/** How long an act of the tour that goes on plays: the verdict comes within it, and somebody can look at the page. */
const TOUR_ACT_MS = 60_000;
/** The alert of the demo. */
const ALERT = "EcmpPathDown";
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Shares what is left of the time among the acts: most of it to the fault, which takes longest to be found. */
function actsWithin(milliseconds: number): Acts {
  return {
    healthyMs: milliseconds * 0.15,
    brokenMs: milliseconds * 0.6,
    healedMs: milliseconds * 0.25,
  };
}

function introduce(screen: Screen, { daemon, pingRouter, lab, stack }: Stage): void {
  screen.say(`
The page: ${daemon.url}/

             ┌─ r2 ─┐
client ─ r1 ─┼─  … ─┼─ r10 ─ ${VIP}:${PORT}     ${FLOWS} flows are probed, each from its own source port
             └─ r9 ─┘

A ping runs beside them; it is one flow, and it crosses ${pingRouter}.
This machine reads the metrics at ${daemon.url}/metrics.
By hand, in the client: ip netns exec ${lab.namespace("client")} bash`);
  if (stack === undefined) return;
  screen.say(`
Prometheus and Alertmanager run beside the exporter with config/prometheus and config/alertmanager.yml, in time lapse: rules
wait and look back 1/${LAPSE.rules} of what the files say, messages are gathered for 1/${LAPSE.routes}. ${ALERT} comes within a minute of the fault.
Prometheus: ${stack.prometheusUrl}/alerts   Alertmanager: ${stack.alertmanagerUrl}/`);
}

/** Says what was alerted since so many messages. @returns whether the alert came and went */
function concludeAlerts(screen: Screen, { stack }: Stage, after: number): boolean {
  if (stack === undefined) return true;
  const paths = (status: "firing" | "resolved") =>
    stack
      .sent(ALERT, status, after)
      .flatMap((alerts) => alerts.map(({ labels }) => labels["path"]));
  const [fired, resolved] = [paths("firing"), paths("resolved")];
  screen.say(
    `  ${ALERT}: fired for path ${fired.join(", ") || "none"}, resolved for path ${resolved.join(", ") || "none"}`,
  );
  return fired.length > 0 && resolved.join() === fired.join();
}

/** Says what was found. @returns whether it is the truth */
function conclude(screen: Screen, stage: Stage, findings: Findings): boolean {
  const { failing, truth, lastHops, flows, recovered, ping, told } = findings;
  const brokenAddress = stage.lab.address(BROKEN);
  const portsAgree = failing.length > 0 && failing.join() === truth.join();
  const hopsAgree = lastHops.length === 1 && lastHops[0] === brokenAddress;
  const ends = lastHops.map((hop) => nameHop(stage, hop)).join(", ");
  const lost = ping.sent - ping.answered;
  screen.say(`
What was found:
  ${failing.length} of ${flows} flows failed; last responding hop: ${ends || "none"}
  ${BROKEN}'s own record (nftables) of the flows it was handed: ${portsAgree ? "exactly these" : `others: ${truth.join(" ")}`}
  ping across ${stage.pingRouter}: ${ping.sent} sent, ${ping.answered} answered, ${lost} lost
  after healing: ${recovered ? "all flows up" : "some flows still fail"}`);
  screen.say(`  verdict while ${BROKEN} was broken: ${told.verdict}`);
  for (const { reason } of told.suspects) screen.say(`    ${reason}`);
  const [fails] = told.reproduce.failing;
  const [works] = told.reproduce.working;
  if (fails !== undefined) screen.say(`  by hand, then: ${fails}   fails`);
  if (works !== undefined) screen.say(`                 ${works}   works`);
  return portsAgree && hopsAgree && recovered && ping.sent > 0 && lost === 0;
}

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (!existsSync("/proc/sys/net/ipv4/fib_multipath_hash_seed")) {
    throw new Error(
      "the demo's routers need Linux 6.11 or later (net.ipv4.fib_multipath_hash_seed)",
    );
  }
  const end = performance.now() + (options.seconds ?? 0) * 1000;
  const stop = new AbortController();
  for (const signal of SIGNALS) process.on(signal, () => stop.abort());
  // A reader that goes away (`| head`) ends the demo like Ctrl-C.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => stop.abort());

  const screen = openScreen(process.stdout);
  screen.say("Building a network of ten routers in namespaces of this machine ...");
  try {
    return await withStage(stop.signal, options.stack, async (stage) => {
      introduce(screen, stage);
      const story = new Story(stage, screen, stop.signal);
      await story.begin();
      while (options.tour) {
        const actMs =
          options.seconds === undefined ? TOUR_ACT_MS : (end - performance.now()) / TOUR_ACTS;
        await playTour(story, stage, screen, actMs);
        if (options.seconds !== undefined) return 0;
      }
      for (;;) {
        const acts = options.seconds === undefined ? ENDLESS : actsWithin(end - performance.now());
        const messages = stage.stack?.messages.length ?? 0;
        const found = conclude(screen, stage, await story.tell(acts));
        const good = concludeAlerts(screen, stage, messages) && found;
        if (options.seconds !== undefined) return good ? 0 : 1;
      }
    });
  } catch (error) {
    // Ctrl-C takes the network away at once, so whatever was under way fails.
    if (!stop.signal.aborted) throw error;
    screen.say("\nStopped; the network is gone.");
    return 0;
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
