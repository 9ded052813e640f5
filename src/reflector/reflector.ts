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
}

/** A STAMP reflector (RFC 8762, stateful, without authentication) with metrics of its own. It needs no privilege. */
export class Reflector {
  readonly #sockets: readonly Socket[];
  readonly #server: RunningServer;

  private constructor(sockets: readonly Socket[], server: RunningServer) {
    this.#sockets = sockets;
    this.#server = server;
  }

  /**
   * Listens and answers.
   * @throws Error with one sentence for an address that cannot be had or a network that is none
   */
  static async start(options: ReflectorOptions): Promise<Reflector> {
    const { clock, log, packetsPerSecond, build } = options;
    const networks = new Networks(options.allow);
    const reflection = new Reflection(clock, { networks, packetsPerSecond });
    const sockets: Socket[] = [];
    try {
      for (const address of options.listen) {
        sockets.push(...(await openSockets(address, reflection, log)));
      }
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
      return new Reflector(sockets, server);
    } catch (error) {
      for (const socket of sockets) socket.close();
      throw error;
    }
  }

  /** Where the metrics can be reached. */
  get url(): string {
    return this.#server.url;
  }

  /** The ports that are listened on. */
  get ports(): readonly number[] {
    return this.#sockets.map((socket) => socket.address().port);
  }

  /** Stops answering and closes everything. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.close();
    await this.#server.close();
  }
}

/** Opens one socket, or one of each family where no host is given; a host without IPv6 has one. */
async function openSockets(text: string, reflection: Reflection, log: Log): Promise<Socket[]> {
  const { host, port } = parseListenAddress(text);
  const fail = (error: unknown): never => {
    throw listenFailure(text, error, "listen");
  };
  if (host !== undefined) {
    const type = host.includes(":") ? "udp6" : "udp4";
    return [await openSocket(type, host, port, reflection, log).catch(fail)];
  }
  const v4 = await openSocket("udp4", "0.0.0.0", port, reflection, log).catch(fail);
  const same = v4.address().port;
  try {
    return [v4, await openSocket("udp6", "::", same, reflection, log)];
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "EAFNOSUPPORT" || code === "EADDRNOTAVAIL") return [v4];
    v4.close();
    return fail(error);
  }
}

function openSocket(
  type: "udp4" | "udp6",
  host: string,
  port: number,
  reflection: Reflection,
  log: Log,
): Promise<Socket> {
  const socket = createSocket({ type, ipv6Only: type === "udp6", recvBufferSize: RECEIVE_BYTES });
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
