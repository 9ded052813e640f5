import { constants } from "node:os";
import type { Clock } from "../clock.ts";
import { type Address, parseAddress, readAddress, sameAddress } from "../packet/address.ts";
import { ConnectionWays, type Way } from "./connection-ways.ts";
import { type FlowPorts, familyOf, portsKey, portsOf } from "./flow-tuple.ts";
import type { KernelRoutes } from "./kernel-routes.ts";
import type { Libc } from "./libc.ts";
import { LinkSender } from "./link-sender.ts";
import type { NextHop } from "./route-message.ts";
import { socketAddress } from "./socket-address.ts";
import { SOURCE_OFFSET, SourceSender } from "./source-sender.ts";
import { SourceSockets } from "./source-sockets.ts";
import type { PacketSender, SentWay } from "./wire.ts";

/** Whether the kernel has told of changes is looked at this often. */
const LOOK_MS = 1000;
/** What it does not tell of (hash policies and seeds, link addresses) is asked again after so long. */
const AGAIN_MS = 60_000;
/** Flows that are remembered with their ways; all are asked for again when there are more. */
const REMEMBERED = 262_144;
/** How long a neighbour's link address is waited for, once; one that is not known then is looked for this often. */
const PATIENCE_MS = 10;
const MEET_MS = 1000;

/** Takes a packet. @returns the errno's name where it could not be sent */
type Send = (packet: Buffer, length: number) => string | undefined;

/** Where the packets of a flow leave this host. */
interface Exit {
  readonly send: Send;
  readonly way: SentWay;
}

/** What is known of packets from one address to another. */
interface Between {
  readonly source: Address;
  readonly destination: Address;
  /** Flows may go otherwise than raw packets do. */
  readonly mayDiffer: boolean;
  /** By {@link portsKey}. */
  readonly exits: Map<number, Exit>;
}

/** Where a neighbour's packets are handed to, and since when it is looked for. */
interface Met {
  to: Buffer | undefined;
  metAt: number;
}

/**
 * Sends every flow's packets by the way that a connection with its addresses and ports takes, as the kernel says. It is asked once
 * for a flow, and again when something has changed; where nothing on this host looks at ports it is not asked at all.
 */
export class RoutedSender implements PacketSender {
  readonly #clock: Clock;
  readonly #libc: Libc;
  readonly #kernel: KernelRoutes;
  readonly #ways: ConnectionWays;
  readonly #sockets: SourceSockets;
  readonly #usual: SourceSender;
  readonly #link: LinkSender;
  readonly #warn: (text: string) => void;
  /** By the text of the destination: one for each source, and most have one. */
  readonly #between: Map<string, Between[]> = new Map();
  /** By interface and address. */
  readonly #met: Map<string, Met> = new Map();
  readonly #warned: Set<string> = new Set();
  #remembered = 0;
  #lookAt: number;
  #againAt: number;
  #open = true;
  #way: SentWay | undefined;

  /** @param warn told once of each way that cannot be gone */
  constructor(libc: Libc, kernel: KernelRoutes, clock: Clock, warn: (text: string) => void) {
    this.#libc = libc;
    this.#kernel = kernel;
    this.#clock = clock;
    this.#warn = warn;
    this.#ways = new ConnectionWays(kernel);
    this.#sockets = new SourceSockets(libc);
    this.#usual = new SourceSender(libc, this.#sockets);
    this.#link = new LinkSender(libc, kernel, this.#sockets);
    const now = clock.monotonic();
    this.#lookAt = now + LOOK_MS;
    this.#againAt = now + AGAIN_MS;
  }

  get way(): SentWay | undefined {
    return this.#way;
  }

  send(
    packet: Buffer,
    length: number,
    destination: string,
    now: number = this.#clock.monotonic(),
  ): string | undefined {
    if (!this.#open) return "EBADF";
    this.#way = undefined;
    if (now >= this.#lookAt) this.#look(now);
    const family = familyOf(packet);
    if (!this.#ways.mayDiffer(family)) return this.#usual.send(packet, length);
    const between =
      this.#between
        .get(destination)
        ?.find(({ source }) => sameAddress(source, packet, SOURCE_OFFSET[family])) ??
      this.#newBetween(packet, destination);
    if (between?.mayDiffer !== true) return this.#usual.send(packet, length);
    const key = portsKey(packet, family);
    let exit = between.exits.get(key);
    if (exit === undefined) {
      exit = this.#exit(between, portsOf(packet, family));
      between.exits.set(key, exit);
      this.#remembered += 1;
    }
    this.#way = exit.way;
    return exit.send(packet, length);
  }

  sourceFor(destination: Address, protocol: number, port: number): Address | undefined {
    return this.#ways.sourceFor(destination, protocol, port);
  }

  close(): void {
    this.#open = false;
    this.#usual.close();
    this.#link.close();
    this.#kernel.close();
  }

  /** Looks whether what is known still holds. */
  #look(now: number): void {
    this.#lookAt = now + LOOK_MS;
    const changed = this.#kernel.hasChanged();
    if (!changed && now < this.#againAt && this.#remembered < REMEMBERED) return;
    this.#againAt = now + AGAIN_MS;
    this.#remembered = 0;
    this.#between.clear();
    for (const [key, { metAt }] of this.#met) if (now - metAt >= AGAIN_MS) this.#met.delete(key);
    this.#ways.refresh();
  }

  #newBetween(packet: Buffer, text: string): Between | undefined {
    const destination = parseAddress(text);
    if (destination === undefined) return undefined;
    const { family } = destination;
    const source = readAddress(packet, SOURCE_OFFSET[family], family);
    const tuple = { source, destination, ...portsOf(packet, family) };
    const mayDiffer = this.#ways.mayDifferBetween(tuple);
    const between = { source, destination, mayDiffer, exits: new Map() };
    this.#between.set(text, [...(this.#between.get(text) ?? []), between]);
    return between;
  }

  #exit(between: Between, ports: FlowPorts): Exit {
    const { source, destination } = between;
    const way = this.#ways.of({ source, destination, ...ports });
    const uplink = way.how === "refused" ? undefined : way.hop?.gateway?.text;
    const send = this.#follow(way, between);
    if (typeof send !== "string") return { send, way: { uplink, unfollowed: undefined } };
    this.#tell(send);
    return { send: this.#usually, way: { uplink: undefined, unfollowed: send } };
  }

  readonly #usually: Send = (packet, length) => this.#usual.send(packet, length);

  /** @returns a text where the way cannot be gone */
  #follow(way: Way, { source, destination }: Between): Send | string {
    switch (way.how) {
      case "usual":
        return this.#usually;
      case "refused": {
        const error = errnoOf(way.errno);
        return () => error;
      }
      case "device": {
        const fd = this.#sockets.open(source, way.hop.device);
        if (typeof fd === "string") {
          return this.#words(way.hop, `a raw socket cannot be tied to it (${fd})`);
        }
        const to = socketAddress(destination);
        return (packet, length) =>
          this.#libc.sendto(fd, packet, length, to, to.length) === length
            ? undefined
            : this.#libc.errno();
      }
      case "link":
        return this.#byLink(way, destination);
    }
  }

  #byLink(way: Extract<Way, { how: "link" }>, destination: Address): Send | string {
    const { device, gateway = destination } = way.hop;
    const neighbour = { device, address: gateway, carries: destination.family };
    const key = `${device} ${gateway.text} ${destination.family}`;
    let met = this.#met.get(key);
    if (met === undefined) {
      met = { to: this.#link.meet(neighbour, PATIENCE_MS), metAt: this.#clock.monotonic() };
      this.#met.set(key, met);
    }
    // Asked after the echo request, which leaves a trace where connections are tracked.
    const obstacle = this.#ways.obstacle(way);
    if (obstacle !== undefined) return this.#words(way.hop, obstacle);
    const known = met;
    return (packet, length) => {
      const now = this.#clock.monotonic();
      if (known.to === undefined && now - known.metAt >= MEET_MS) {
        known.metAt = now;
        known.to = this.#link.meet(neighbour, 0);
      }
      // As the kernel's own packets, it is lost where the neighbour does not say that it is there.
      return known.to === undefined ? undefined : this.#link.send(packet, length, known.to);
    };
  }

  #words(hop: NextHop, why: string): string {
    return `Connections leave this host by ${this.#ways.words(hop)}, probes do not: ${why}.`;
  }

  #tell(text: string): void {
    if (this.#warned.has(text)) return;
    this.#warned.add(text);
    this.#warn(text);
  }
}

/** The name of an errno of the kernel's. */
function errnoOf(errno: number): string {
  const found = Object.entries(constants.errno).find(([, number]) => number === errno);
  return found?.[0] ?? "OTHER";
}
