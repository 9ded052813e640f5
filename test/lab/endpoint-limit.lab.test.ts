//                ┌─ r2 ─┐
//  client ── r1 ─┼─ r3 ─┼─ r6 ── vip (192.0.2.10): answers so often a second, whoever asks
//                ├─ r4 ─┤
//                └─ r5 ─┘
// A service, or a firewall in front of it, that limits the rate of its answers: which flows fail says nothing of paths.
import { describe, inject, it } from "vitest";
import { Looks, timeline } from "../blind/looks.ts";
import { Daemon, NEVER } from "./daemon.ts";
import { rule } from "./faults.ts";
import { Lab } from "./lab.ts";
import { startService } from "./services.ts";
import { story, vipOf } from "./topologies.ts";
import { SERVER_PORTS, serversAreMissing, startServer } from "./udp-servers.ts";

const WITHIN_MS = 60_000;
/** As long as it takes to probe every flow once more at the slow pace. */
const AND_THEN_MS = 15_000;
const CASES = [
  {
    what: "a firewall lets 20 SYN a second through, over IPv4",
    family: 4,
    target: { protocol: "tcp", port: 3306 },
    probe: { interval: "2s" },
    limited: { node: "r6", hook: "forward priority 0", packets: "tcp flags & (syn | ack) == syn" },
    perSecond: 20,
  },
  {
    what: "a name server answers 5 times a second, over IPv6",
    family: 6,
    target: { protocol: "udp", port: SERVER_PORTS.dns, payload: "dns", dns: "www.example.net" },
    probe: { interval: "5s" },
    limited: { node: "vip", hook: "output priority 0", packets: "udp sport 53" },
    perSecond: 5,
  },
] as const;

describe
  .skipIf(inject("labMissing") !== "" || serversAreMissing())
  .concurrent("an endpoint that limits the rate of its answers", () => {
    it.for(CASES)("accuses no link and is asked more slowly: $what", async (told, { expect }) => {
      const { family, target, probe, limited, perSecond } = told;
      const options = { family, hostAccess: ["client"], answersFrom: "interface" } as const;
      const lab = await Lab.build(story(4, options));
      try {
        if (target.protocol === "tcp") await startService(lab, "vip", "tcp", target.port);
        else await startServer(lab, "vip", "dns");
        const limit = `limit rate over ${perSecond}/second burst 5 packets drop`;
        await rule(lab, limited.node, limited.hook, `${limited.packets} ${limit}`);
        const daemon = await Daemon.start(lab, "client", {
          probe: { ...probe, timeout: "1s", flow_buckets: 64, rotation: NEVER },
          targets: [{ name: "service", host: vipOf(options), ...target }],
        });
        const looks = new Looks(daemon, "service");
        await looks.until(
          "the limit is proven",
          WITHIN_MS,
          ({ rate_limit }) => rate_limit?.proven === true,
        );
        const { view } = await looks.until(
          "healthy",
          WITHIN_MS,
          ({ verdict }) => verdict === "healthy",
        );
        expect(view.reason).toContain("limits the rate of its answers");
        expect(view.rate_limit?.answers_per_second).toBeGreaterThan(0.6 * perSecond);
        expect(view.rate_limit?.answers_per_second).toBeLessThan(1.3 * perSecond);
        expect(view.rate_limit?.probes_per_second).toBeLessThan(0.7 * perSecond);
        const after = await looks.during(AND_THEN_MS);
        expect(after.filter(({ view: { verdict } }) => verdict !== "healthy")).toEqual([]);
        const accused = looks.all.filter(({ view: { suspects } }) => suspects.length > 0);
        expect(
          accused.map(({ view: { suspects } }) => suspects),
          timeline(looks.all),
        ).toEqual([]);
        const verdicts = new Set(looks.all.map(({ view: { verdict } }) => verdict));
        expect([...verdicts].sort()).toEqual(["healthy", "indeterminate"]);
        await daemon.stop();
      } finally {
        await lab.destroy();
      }
    });
  });
