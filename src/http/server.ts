import { createServer, type RequestListener, type Server } from "node:http";
import type { Socket } from "node:net";
import Fastify, { type FastifyInstance, type FastifyReply } from "fastify";
import type { Log } from "../log.ts";
import { Connections } from "./connections.ts";
import { Guard, refuse } from "./guard.ts";
import { listenFailure, parseListenAddress } from "./listen-address.ts";
import { type Reply, textReply } from "./reply.ts";
import { allowedMethods, buildRoutes, type Route, type RouteParts } from "./routes.ts";
import { type ScrapeLimits, Scrapes } from "./scrapes.ts";
import { type Refused, terminateTls } from "./tls-listener.ts";
import { WebConfigFile } from "./web-config-file.ts";

/** Bounds on what clients may cost. */
export interface HttpLimits {
  readonly scrapes: ScrapeLimits;
  /** Open connections; more are closed at once. */
  readonly connections: number;
  /** Of these, connections of one peer. */
  readonly connectionsOfPeer: number;
  /** Time for a client to send its headers, in milliseconds. */
  readonly headersMs: number;
  /** Time for a client to send a whole request, in milliseconds; also how long one may stand still. */
  readonly requestMs: number;
  /** Time that requests in flight are given when the server closes, in milliseconds. */
  readonly closeMs: number;
}

/** What a server is made of, whatever its routes. */
export interface ServerParts extends Pick<RouteParts, "metrics"> {
  /** `:10190`, `127.0.0.1:10190` or `[::]:10190`; port 0 lets the kernel choose. */
  readonly listenAddress: string;
  /** Path of the web configuration; undefined for plain HTTP without users. */
  readonly webConfigFile: string | undefined;
  readonly log: Log;
  /** Version of the program; every response has it in its Server header. */
  readonly version: string;
  /** Other bounds than the usual ones. */
  readonly limits?: Partial<HttpLimits>;
}

/** What the exporter's server is made of. */
export interface HttpParts extends RouteParts, ServerParts {}

/** A server that listens. */
export interface RunningServer {
  /** Where it can be reached from this host, `http://127.0.0.1:10190`. */
  readonly url: string;
  /** Stops listening, lets requests in flight finish for a moment, then cuts what is left. */
  close(): Promise<void>;
}

const LIMITS: HttpLimits = {
  scrapes: { inFlight: 40, deliveryMs: 60_000 },
  connections: 512,
  connectionsOfPeer: 256,
  headersMs: 10_000,
  requestMs: 30_000,
  closeMs: 3_000,
};

/** Longer than usual scrape intervals, so that a scraper finds its connection still open. */
const KEEP_ALIVE_MS = 125_000;

/** A bare HTTP server with all its time limits. */
function httpServer(listener: RequestListener, limits: HttpLimits): Server {
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: Math.min(5_000, limits.headersMs),
    },
    listener,
  );
  server.timeout = limits.requestMs;
  server.maxConnections = limits.connections;
  return server;
}

function send(reply: FastifyReply, { status, headers, body }: Reply): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}

/** Puts the routes, and an answer to everything else, into the framework. */
function addRoutes(app: FastifyInstance, routes: readonly Route[], log: Log): void {
  // No route reads a body, so that none can be of a wrong type, malformed or too long.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => done(null));
  app.setErrorHandler((error, request, reply) => {
    const status = error instanceof Error && "statusCode" in error ? Number(error.statusCode) : 500;
    if (status >= 400 && status < 500)
      return send(reply, textReply(status, "The request is malformed."));
    const reason = error instanceof Error ? error.message : String(error);
    log.error("request failed", { method: request.method, path: request.url, reason });
    return send(reply, textReply(500, "Internal error: see the log."));
  });
  app.setNotFoundHandler((request, reply) => {
    const allowed = allowedMethods(routes, request.raw.url ?? "");
    if (allowed.length === 0) return send(reply, textReply(404, "Not found."));
    const list = allowed.join(", ");
    return send(reply, textReply(405, `Method not allowed: use ${list}.`, { allow: list }));
  });
  for (const route of routes) {
    app.route({
      method: [...route.methods],
      url: route.path,
      handler: async (request, reply) => send(reply, await route.handle(request.raw, reply.raw)),
    });
  }
}

/** What a client gets that does not speak HTTP, or too slowly, or too much of it (RFC 9110 and 6585). */
function answerClientError(code: string | undefined, socket: Socket): void {
  const status =
    code === "HPE_HEADER_OVERFLOW"
      ? "431 Request Header Fields Too Large"
      : code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? "408 Request Timeout"
        : "400 Bad Request";
  if (socket.writable && code !== "ECONNRESET") {
    socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }
  socket.destroy();
}

/** The web configuration, with what it asks for and does not get said in the log. */
function openWebConfig(path: string, log: Log): WebConfigFile {
  const file = new WebConfigFile(path);
  if (file.current().http2Wanted) {
    log.warn("HTTP/2 is not supported: serving HTTP/1.1", { file: path });
  }
  const tls = file.current().tls;
  if (tls?.clientAuth === "VerifyClientCertIfGiven" && tls.context.ca === undefined) {
    log.warn(
      "VerifyClientCertIfGiven without client_ca_file: certificates are verified by the public authorities",
      {
        file: path,
      },
    );
  }
  return file;
}

/** Listens; without a host on every address of both families, or of IPv4 where there is no IPv6. */
async function listen(app: FastifyInstance, text: string): Promise<void> {
  const { host, port } = parseListenAddress(text);
  try {
    await app.listen({ host: host ?? "::", port });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (host !== undefined || (code !== "EAFNOSUPPORT" && code !== "EADDRNOTAVAIL")) {
      throw listenFailure(text, error);
    }
    await app.listen({ host: "0.0.0.0", port }).catch((again: unknown) => {
      throw listenFailure(text, again);
    });
  }
}

function reachableUrl(server: Server, scheme: string): string {
  const address = server.address();
  if (address === null || typeof address === "string") return "";
  const any = address.address === "::" || address.address === "0.0.0.0";
  const host = any ? "127.0.0.1" : address.address;
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${address.port}`;
}

/** Starts the exporter's server. @throws what {@link startRoutes} throws */
export function startServer(parts: HttpParts): Promise<RunningServer> {
  return startRoutes(parts, (scrapes) => buildRoutes(parts, scrapes));
}

/**
 * Starts a server.
 * @param routesOf the routes; the scrapes are for that of the metrics
 * @throws Error with one sentence if the address cannot be had, the telemetry path cannot be served or the web
 * configuration is wrong (then a ConfigError, with a sentence for each problem)
 */
export async function startRoutes(
  parts: ServerParts,
  routesOf: (scrapes: Scrapes) => readonly Route[],
): Promise<RunningServer> {
  const { log } = parts;
  const limits = { ...LIMITS, ...parts.limits };
  const routes = routesOf(new Scrapes(parts.metrics, limits.scrapes));
  const webConfig =
    parts.webConfigFile === undefined ? undefined : openWebConfig(parts.webConfigFile, log);
  const guard = webConfig && new Guard(() => webConfig.current(), log);

  let refused: Refused | undefined;

  const serverFactory = (framework: RequestListener): Server =>
    httpServer((request, response) => {
      response.setHeader("server", `ecmp-exporter/${parts.version}`);
      response.setHeader("x-content-type-options", "nosniff");
      const refusal = refused?.get(request.socket);
      if (refusal !== undefined) {
        response.setHeader("connection", "close");
        return refuse(response, 403, refusal.sentence);
      }
      if (guard === undefined) return framework(request, response);
      guard
        .admit(request, response)
        .then((admitted) => admitted && !response.destroyed && framework(request, response))
        .catch(() => response.destroy());
    }, limits);
  const app = Fastify({
    serverFactory,
    clientErrorHandler: (error, socket) => answerClientError(error.code, socket),
    // Paths that the router cannot decode; the routes never see them.
    frameworkErrors: (_error, _request, reply) =>
      send(reply, textReply(400, "The path is malformed.")),
  });
  addRoutes(app, routes, log);

  const { server } = app;
  const usesTls = webConfig?.current().tls !== undefined;
  if (webConfig !== undefined && usesTls) {
    const settings = () => {
      const { tls } = webConfig.current();
      if (tls !== undefined) return tls;
      throw new Error("the web configuration no longer has a certificate");
    };
    refused = terminateTls(server, settings, log);
  }
  const connections = new Connections(server, limits.connectionsOfPeer);
  await listen(app, parts.listenAddress);
  return {
    url: reachableUrl(server, usesTls ? "https" : "http"),
    async close() {
      const cut = setTimeout(() => connections.destroy(), limits.closeMs);
      await app.close();
      clearTimeout(cut);
    },
  };
}
