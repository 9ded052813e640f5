import { addressesOf } from "../blind/link-faults.ts";
import { Daemon } from "./daemon.ts";
import { dropForward, rule } from "./faults.ts";
import { Lab } from "./lab.ts";
import { type OddView, oddView, PORT, QUICK } from "./odd-view.ts";
import { until } from "./processes.ts";
import { startService } from "./services.ts";
import { story, vipOf } from "./topologies.ts";
import { Watch } from "./watch.ts";

/** A port that nothing listens on. */
const CLOSED_PORT = 9;
/** Before routing, so that what follows sees it. */
const ARRIVING = "prerouting priority -180";
const LEAVING = "postrouting priority 200";
const UNREACHABLE = {
  ip: "icmp type destination-unreachable",
  ip6: "icmpv6 type destination-unreachable",
};
/** An address of the service that nobody asked for. */
const OTHER_ADDRESS = { ip: "203.0.113.77", ip6: "2001:db8:77::77" };

/** The world of such a lab. */
export interface RewrittenOptions {
  readonly family: 4 | 6;
  readonly answersFrom: "interface" | "outgoing";
}

/** r1 gives connections to the service other sequence numbers, and takes them back in acknowledgements, not in quotes. */
export async function otherSequenceNumbers(lab: Lab): Promise<void> {
  // Bits that a SYN's acknowledgement, one more, does not carry into.
  const turned = "0x5a5a0000";
  await rule(lab, "r1", ARRIVING, `tcp dport ${PORT} tcp sequence set tcp sequence xor ${turned}`);
  await rule(lab, "r1", ARRIVING, `tcp sport ${PORT} tcp ackseq set tcp ackseq xor ${turned}`);
}

/** The service's SYN-ACK echoes the timestamp 0. */
export async function noEcho(lab: Lab): Promise<void> {
  const answer = `tcp sport ${PORT} tcp flags & (syn | ack) == syn | ack`;
  await rule(lab, "vip", LEAVING, `${answer} tcp option timestamp tsecr set 0`);
}

/** The service says that nothing listens under another address of its own. */
export async function otherAddress(lab: Lab): Promise<void> {
  const { nft } = lab.topology.plan;
  await rule(lab, "vip", LEAVING, `${UNREACHABLE[nft]} ${nft} saddr set ${OTHER_ADDRESS[nft]}`);
}

/**
 * One of four routers breaks and heals in a network in which something is written anew.
 * @param withinMs the limit of each wait
 * @throws Error with the exporter's view unless everything is answered before and after, and the router accused alone between
 */
export async function brokenWhereRewritten(
  options: RewrittenOptions,
  protocol: "tcp" | "udp",
  write: (lab: Lab) => Promise<void>,
  withinMs: number,
): Promise<void> {
  const lab = await Lab.build(story(4, { ...options, hostAccess: ["client"] }));
  try {
    await startService(lab, "vip", "tcp", PORT);
    await write(lab);
    const port = protocol === "tcp" ? PORT : CLOSED_PORT;
    const targets = [{ name: "service", host: vipOf(options), port, protocol }];
    const daemon = await Daemon.start(lab, "client", { probe: QUICK, targets });
    const watch = new Watch(daemon, "service");
    await watch.allUp(QUICK.flow_buckets, withinMs);
    const untilSeen = async (check: (view: OddView) => boolean): Promise<void> => {
      let seen: OddView | undefined;
      await until(
        async () => {
          seen = await oddView(daemon, "service");
          return check(seen);
        },
        { limitMs: withinMs, what: () => JSON.stringify(seen, undefined, 1) },
      );
    };
    await untilSeen(({ verdict }) => verdict === "healthy");
    const fault = await dropForward(lab, "r4");
    const broken = addressesOf(lab, "r4");
    await untilSeen(
      ({ verdict, suspects }) =>
        verdict === "path_fault" &&
        suspects.length === 1 &&
        suspects.some(({ from, to }) => broken.includes(from ?? "") || broken.includes(to ?? "")),
    );
    await fault.heal();
    await watch.allUp(QUICK.flow_buckets, withinMs);
    await daemon.stop();
  } finally {
    await lab.destroy();
  }
}
