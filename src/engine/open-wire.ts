import type { Clock } from "../clock.ts";
import type { RawSockets } from "../config/setting-values.ts";
import type { Log } from "../log.ts";
import { HeldPorts } from "../wire/held-ports.ts";
import { openKernelRoutes } from "../wire/kernel-routes.ts";
import { type Libc, loadLibc } from "../wire/libc.ts";
import { NoWire } from "../wire/no-wire.ts";
import { PacketRing } from "../wire/packet-ring.ts";
import { errnoName } from "../wire/raw-handle.ts";
import { RawReceiver } from "../wire/raw-receiver.ts";
import { RoutedSender } from "../wire/routed-sender.ts";
import { RawSender } from "../wire/sender.ts";
import { SourceSender } from "../wire/source-sender.ts";
import type { PacketReceiver, PacketSender, PortHolder } from "../wire/wire.ts";

/** Both ends of the wire. */
export interface Wire {
  readonly sender: PacketSender;
  readonly receiver: PacketReceiver;
  /** Absent where the C library cannot be called. */
  readonly heldPorts?: PortHolder;
}

/** What a person does about a missing privilege. */
const PRIVILEGE =
  "raw sockets need the capability CAP_NET_RAW: run as root, grant it with 'setcap cap_net_raw+ep " +
  "$(readlink -f $(command -v node))', or start the container with '--cap-add=NET_RAW' (and, unless it runs as root, " +
  "without no-new-privileges, which disables file capabilities); or set raw_sockets: auto to probe TCP without it";

/**
 * Opens the raw sender and the best receiver there is: the packet ring, else raw sockets alone; the log says which.
 * @param receiver `raw` leaves the ring out
 * @throws Error with one sentence that says what to do, where the process may not open raw sockets
 */
export async function openWire(
  clock: Clock,
  log: Log,
  ports: readonly { first: number; last: number }[],
  receiver: "auto" | "raw" = "auto",
): Promise<Wire> {
  const unbound = asPrivileged(() => new RawSender());
  const libc = await loadLibc();
  const sender = typeof libc === "string" ? unbound : routedSender(libc, clock, log);
  if (sender !== unbound) unbound.close();
  const heldPorts = typeof libc === "string" ? {} : { heldPorts: new HeldPorts(libc) };
  if (receiver === "auto") {
    const ring = typeof libc === "string" ? libc : PacketRing.open(libc, clock, ports);
    if (typeof ring !== "string") {
      log.info("receiving through a packet ring, with the kernel's timestamps");
      return { sender, receiver: ring, ...heldPorts };
    }
    log.warn("receiving through raw sockets: round-trip times are less exact", { reason: ring });
  }
  if (sender === unbound) {
    log.warn(
      "probes leave by the main routing table: rules and routes by source, protocol or port do not apply",
    );
  }
  const lent = typeof libc === "string" ? undefined : libc;
  const raw = asPrivileged(() => new RawReceiver(clock, lent, ports));
  if (!raw.filtered) {
    log.warn("cannot attach a packet filter: every TCP segment of this host is read");
  }
  return { sender, receiver: raw, ...heldPorts };
}

/** A sender whose packets go the way of connections, as far as the kernel can be asked for it. */
function routedSender(libc: Libc, clock: Clock, log: Log): PacketSender {
  const routes = openKernelRoutes(libc);
  if (typeof routes !== "string") {
    const warn = (reason: string): void =>
      log.warn("probes do not go the way of connections", { reason });
    return new RoutedSender(libc, routes, clock, warn);
  }
  log.warn(
    "the kernel cannot be asked for routes: rules by protocol or port and several uplinks may part probes from connections",
    { reason: `netlink: ${routes}` },
  );
  return new SourceSender(libc);
}

/**
 * Opens the wire as `raw_sockets` has it, or none: the log then says that only TCP is probed, and by connections.
 * @throws Error with one sentence that says what to do, where raw sockets are required and cannot be had
 */
export async function openWireIfAny(
  rawSockets: RawSockets,
  ...[clock, log, ports, receiver]: Parameters<typeof openWire>
): Promise<Wire> {
  if (rawSockets === "never") {
    log.info("raw sockets disabled: TCP uses connect(), no tracing");
    return noWire();
  }
  try {
    return await openWire(clock, log, ports, receiver);
  } catch (error) {
    if (rawSockets === "required" || !(error instanceof MissingPrivilege)) throw error;
    log.warn("no raw sockets: TCP uses connect(), UDP and ICMP targets are not probed", {
      reason: error.message,
    });
    return noWire();
  }
}

function noWire(): Wire {
  const none = new NoWire();
  return { sender: none, receiver: none };
}

/** The process may not open raw sockets. */
class MissingPrivilege extends Error {}

function asPrivileged<Opened>(open: () => Opened): Opened {
  try {
    return open();
  } catch (error) {
    const name = errnoName(error);
    throw name === "EPERM" || name === "EACCES" ? new MissingPrivilege(PRIVILEGE) : error;
  }
}
