import type { TLSSocket } from "node:tls";
import { parseAddress } from "../packet/address.ts";
import type { TlsSettings } from "./tls-settings.ts";

/** Why a client is not let in: a sentence, and OpenSSL's name for what is wrong with a chain. */
export interface Refusal {
  readonly sentence: string;
  readonly code?: string;
}

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

/** What is wrong with the certificate of a client whose handshake succeeded; undefined if it may stay. */
export function refusalOf(socket: TLSSocket, settings: TlsSettings): Refusal | undefined {
  const { clientAuth, allowedSans } = settings;
  if (clientAuth === "NoClientCert" || clientAuth === "RequestClientCert") return undefined;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) {
    return clientAuth === "VerifyClientCertIfGiven"
      ? undefined
      : { sentence: "A client certificate is required and none was sent." };
  }
  if (clientAuth === "RequireAnyClientCert") return undefined;
  if (!socket.authorized) {
    return {
      sentence: "The client certificate is not valid, or no authority of client_ca vouches for it.",
      // An Error by its declared type, the code of one in fact.
      code: String(socket.authorizationError),
    };
  }
  const allowed = allowedSans.map(canonical);
  const names = subjectAltNames(certificate.subjectAltName);
  return allowed.length === 0 || names.some((name) => allowed.includes(name))
    ? undefined
    : { sentence: "No name in the client certificate is in client_allowed_sans." };
}
