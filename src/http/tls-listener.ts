import type { Server as HttpServer } from "node:http";
import type { Socket } from "node:net";
import { createServer, type TLSSocket, type Server as TlsServer } from "node:tls";
import { parseAddress } from "../packet/address.ts";
import type { TlsSettings } from "./tls-settings.ts";

/** A client that has not finished its handshake by then is dropped. */
const HANDSHAKE_MS = 10_000;

/** Addresses are compared by value: a certificate may write 2001:db8::1 in several ways. */
function canonical(name: string): string {
  return parseAddress(name)?.text ?? name;
}

/** Subject alternative names as Node prints them (`DNS:a, IP Address:10.0.0.1`), without their kinds. */
export function subjectAltNames(printed: string | undefined): string[] {
  const names = (printed ?? "").matchAll(/(?:^|, )[\w ]+:("(?:[^"\\]|\\.)*"|[^,]*)/g);
  return [...names].map(([, name = ""]) =>
    canonical(name.startsWith('"') ? String(JSON.parse(name)) : name),
  );
}

/** Whether a client whose handshake succeeded may stay. Chains are verified by OpenSSL, whose verdict is asked here. */
function welcome(socket: TLSSocket, settings: TlsSettings): boolean {
  const certificate = socket.getPeerX509Certificate();
  switch (settings.clientAuth) {
    case "NoClientCert":
    case "RequestClientCert":
      return true;
    case "RequireAnyClientCert":
      return certificate !== undefined;
    default: {
      if (certificate === undefined) return settings.clientAuth === "VerifyClientCertIfGiven";
      if (!socket.authorized) return false;
      const allowed = settings.allowedSans.map(canonical);
      const names = subjectAltNames(certificate.subjectAltName);
      return allowed.length === 0 || names.some((name) => allowed.includes(name));
    }
  }
}

function tlsServer(settings: TlsSettings, onSocket: (socket: TLSSocket) => void): TlsServer {
  const server = createServer(
    {
      ...settings.context,
      handshakeTimeout: HANDSHAKE_MS,
      ALPNProtocols: ["http/1.1"],
      requestCert: settings.clientAuth !== "NoClientCert",
      rejectUnauthorized: settings.clientAuth === "RequireAndVerifyClientCert",
    },
    (socket) => {
      if (welcome(socket, settings)) onSocket(socket);
      else socket.destroy();
    },
  );
  // A client that fails its handshake is its own affair; the socket is gone already.
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  return server;
}

/**
 * Puts TLS before an HTTP server: every connection is handed to a TLS server made of the settings of that
 * moment, and from there, decrypted, to the HTTP server. The HTTP server goes on listening and keeping its
 * timeouts, while certificates and demands on clients change without a restart.
 * @param settings called for every connection; what it throws goes to `onError`, and the connection is dropped
 */
export function terminateTls(
  server: HttpServer,
  settings: () => TlsSettings,
  onError: (error: unknown) => void,
): void {
  const plain = server.listeners("connection");
  const serve = (socket: Socket): void => {
    for (const listener of plain) listener.call(server, socket);
  };
  let made: { readonly of: TlsSettings; readonly server: TlsServer } | undefined;
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    try {
      const current = settings();
      if (made?.of !== current) made = { of: current, server: tlsServer(current, serve) };
      made.server.emit("connection", socket);
    } catch (error) {
      onError(error);
      socket.destroy();
    }
  });
}
