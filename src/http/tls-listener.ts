import type { Server as HttpServer } from "node:http";
import type { Socket } from "node:net";
import { createServer, type TLSSocket, type Server as TlsServer } from "node:tls";
import type { Log } from "../log.ts";
import { type Refusal, refusalOf } from "./client-certificate.ts";
import { onFirstByte, TLS_HANDSHAKE } from "./first-byte.ts";
import { RefusalLog } from "./refusal-log.ts";
import type { TlsSettings } from "./tls-settings.ts";

/** A client that has not finished its handshake by then is dropped. */
const HANDSHAKE_MS = 10_000;

const SPEAKS_PLAINLY = "This port speaks HTTPS: use https:// in the URL.\n";

/** The clients that finished their handshake and may not stay. The HTTP server tells them so. */
export type Refused = WeakMap<Socket, Refusal>;

/** Answers a client that speaks HTTP to the TLS port, as RFC 9110, 15.5.1 has it. */
function answerPlainly(socket: Socket): void {
  socket.resume();
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${SPEAKS_PLAINLY.length}\r\n\r\n${SPEAKS_PLAINLY}`,
  );
  // What the client still sends is read, so that a reset does not overtake the answer; but not for ever.
  socket.setTimeout(1_000, () => socket.destroy());
}

/** A handshake that failed. Clients that hang up are no news. */
function sayFailure(refusals: RefusalLog, error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET") return;
  const late = error.code === "ERR_TLS_HANDSHAKE_TIMEOUT";
  refusals.say(socket, late ? "the handshake took too long" : "the handshake failed", error.code);
}

/**
 * A TLS server of some settings, which nobody listens for. It is made anew when the settings change, since
 * `setSecureContext` changes certificates and versions but not what is asked of clients.
 *
 * Node lets OpenSSL finish every handshake, whatever it thinks of the client's chain, and gives no way to send an alert after
 * that. So `rejectUnauthorized` would end the connection without a word, and clients that may not stay are told over HTTP.
 */
function tlsServer(
  settings: TlsSettings,
  refusals: RefusalLog,
  serve: (socket: TLSSocket, refusal: Refusal | undefined) => void,
): TlsServer {
  const server = createServer(
    {
      ...settings.context,
      handshakeTimeout: HANDSHAKE_MS,
      ALPNProtocols: ["http/1.1"],
      requestCert: settings.clientAuth !== "NoClientCert",
      rejectUnauthorized: false,
    },
    (socket) => serve(socket, refusalOf(socket, settings)),
  );
  server.on("tlsClientError", (error, socket) => {
    sayFailure(refusals, error, socket);
    socket.destroy();
  });
  return server;
}

/**
 * Puts TLS before an HTTP server: every connection is handed to a TLS server made of the settings of that
 * moment, and from there, decrypted, to the HTTP server. The HTTP server goes on listening and keeping its
 * timeouts, while certificates and demands on clients change without a restart. A client that speaks plain HTTP is
 * answered 400.
 * @param settings called for every connection; what it throws is logged, and the connection is dropped
 * @returns who must not be served, and why
 */
export function terminateTls(server: HttpServer, settings: () => TlsSettings, log: Log): Refused {
  const plain = server.listeners("connection");
  const refused: Refused = new WeakMap();
  const refusals = new RefusalLog(log);
  const serve = (socket: TLSSocket, refusal: Refusal | undefined): void => {
    if (refusal !== undefined) {
      refused.set(socket, refusal);
      refusals.say(socket, refusal.sentence, refusal.code);
    }
    for (const listener of plain) listener.call(server, socket);
  };
  let made: { readonly of: TlsSettings; readonly server: TlsServer } | undefined;
  const handshake = (socket: Socket): void => {
    try {
      const current = settings();
      if (made?.of !== current) made = { of: current, server: tlsServer(current, refusals, serve) };
      made.server.emit("connection", socket);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.error("invalid web configuration; connection refused", { reason });
      socket.destroy();
    }
  };
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) =>
    onFirstByte(socket, HANDSHAKE_MS, (byte) => {
      if (byte === TLS_HANDSHAKE) return handshake(socket);
      refusals.say(socket, "it speaks plain HTTP, not HTTPS");
      answerPlainly(socket);
    }),
  );
  return refused;
}
