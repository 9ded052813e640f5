import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import type { Clock } from "../clock.ts";
import { Networks } from "../config/networks.ts";
import { listenFailure, parseListenAddress } from "../http/listen-address.ts";
import { reflectorRoutes } from "../http/routes.ts";
import { type RunningServer, startRoutes } from "../http/server.ts";
import type { Log } from "../log.ts";
import { Exposition } from "../metrics/exposition.ts";
import { reflectorFamilies } from "../metrics/reflector-metrics.ts";
import { MetricRegistry } from "../metrics/registry.ts";
import { type LocalAddress, LocalSockets } from "./local-sockets.ts";
import { Reflection } from "./reflection.ts";

/** Room for the requests of a second in which the process does not run; the kernel may grant less. */
const RECEIVE_BYTES = 4 * 1024 * 1024;
/** Hop limit of answers: as far as packets can go (RFC 5357, 4.2.1). */
const ANSWER_TTL = 255;

/** What a reflector is started with. */
export interface ReflectorOptions {
  /** `:862`, `192.0.2.1:862` or `[2001:db8::1]:862`. */
  readonly listen: readonly string[];
  /** Networks that requests are answered from. */
  readonly allow: readonly string[];
  /** Answers to one source, packets a second. */
  readonly packetsPerSecond: number;
  readonly webListenAddress: string;
  readonly telemetryPath: string;
  readonly webConfigFile: string | undefined;
  readonly build: { readonly version: string; readonly revision: string };
  readonly clock: Clock;
  readonly log: Log;
  /** The addresses of this host; those of its interfaces unless given. */
  readonly addresses?: () => readonly LocalAddress[];
}

/** A STAMP reflector (RFC 8762, stateful, without authentication) with metrics of its own. It needs no privilege. */
export class Reflector {
  readonly #opened: Opened;
  readonly #server: RunningServer;

  private constructor(opened: Opened, server: RunningServer) {
    this.#opened = opened;
    this.#server = server;
  }

  /**
   * Listens and answers.
   * @throws Error with one sentence for an address that cannot be had or a network that is none
   */
  static async start(options: ReflectorOptions): Promise<Reflector> {
    const { clock, packetsPerSecond, build } = options;
    const networks = new Networks(options.allow);
    const reflection = new Reflection(clock, { networks, packetsPerSecond });
    const opened: Opened = { sockets: [], local: [] };
    try {
      for (const address of options.listen) await openSockets(opened, address, reflection, options);
      const registry = new MetricRegistry();
      const families = reflectorFamilies(reflection.counters, () => reflection.sessions, build);
      for (const family of families) registry.register(family);
      const exposition = new Exposition(() => registry.gather());
      const { telemetryPath } = options;
      const parts = {
        ...options,
        listenAddress: options.webListenAddress,
        metrics: exposition.render.bind(exposition),
        version: build.version,
      };
      const server = await startRoutes(parts, (scrapes) => reflectorRoutes(telemetryPath, scrapes));
      return new Reflector(opened, server);
    } catch (error) {
      closeAll(opened);
      throw error;
    }
  }

  /** Where the metrics can be reached. */
  get url(): string {
    return this.#server.url;
  }

  /** The ports that are listened on. */
  get ports(): readonly number[] {
    return this.#opened.sockets.map((socket) => socket.address().port);
  }

  /** Stops answering and closes everything. */
  async stop(): Promise<void> {
    closeAll(this.#opened);
    await this.#server.close();
  }
}

/** What is listened with. */
interface Opened {
  readonly sockets: Socket[];
  /** Beside those for any address. */
  readonly local: LocalSockets[];
}

function closeAll({ sockets, local }: Opened): void {
  for (const socket of sockets) socket.close();
  for (const each of local) each.close();
}

/** Opens one socket, or where no host is given one of each family and one for each address of this host; a host without IPv6 has those of IPv4. */
async function openSockets(
  { sockets, local }: Opened,
  text: string,
  reflection: Reflection,
  { log, addresses }: Pick<ReflectorOptions, "log" | "addresses">,
): Promise<void> {
  const { host, port } = parseListenAddress(text);
  const open = (address: LocalAddress, at: number, shares = false): Promise<Socket> =>
    openSocket(address, at, shares, reflection, log);
  const fail = (error: unknown): never => {
    throw listenFailure(text, error, "listen");
  };
  if (host !== undefined) {
    const type = host.includes(":") ? "udp6" : "udp4";
    sockets.push(await open({ type, host }, port).catch(fail));
    return;
  }
  /** Finds first whether somebody else has the port: sockets that share it with others of this process would not tell. */
  const openAny = async (address: LocalAddress, at: number): Promise<number> => {
    const alone = await open(address, at);
    const { port: same } = alone.address();
    await new Promise<void>((closed) => {
      alone.close(closed);
    });
    sockets.push(await open(address, same, true));
    return same;
  };
  const same = await openAny({ type: "udp4", host: "0.0.0.0" }, port).catch(fail);
  try {
    await openAny({ type: "udp6", host: "::" }, same);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code !== "EAFNOSUPPORT" && code !== "EADDRNOTAVAIL") fail(error);
  }
  const own = new LocalSockets((address) => open(address, same, true), addresses);
  local.push(own);
  await own.begin();
}

/** @param shares whether others of this process have sockets for the same port */
function openSocket(
  { type, host }: LocalAddress,
  port: number,
  shares: boolean,
  reflection: Reflection,
  log: Log,
): Promise<Socket> {
  const socket = createSocket({
    type,
    ipv6Only: type === "udp6",
    recvBufferSize: RECEIVE_BYTES,
    reuseAddr: shares,
  });
  const answer = (packet: Buffer, { address, port: from, family }: RemoteInfo): void => {
    const requester = { address, port: from, family, localPort: socket.address().port };
    if (!reflection.answer(packet, requester)) return;
    socket.send(packet, from, address, (error) => {
      if (error !== null) reflection.refuse("send_error");
    });
  };
  return new Promise((opened, failed) => {
    socket.once("error", (error) => {
      // No version of Node.js minds that it was never bound.
      socket.close();
      failed(error);
    });
    socket.bind(port, host, () => {
      socket.removeAllListeners("error");
      socket.on("error", (error) => log.error("reflector", { reason: error.message }));
      socket.setTTL(ANSWER_TTL);
      socket.on("message", answer);
      opened(socket);
    });
  });
}
