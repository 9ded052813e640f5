/** Where a server listens. */
export interface ListenAddress {
  /** Host name or address without brackets; undefined for every address of this host. */
  readonly host: string | undefined;
  /** 0 to 65535; 0 lets the kernel choose. */
  readonly port: number;
}

/**
 * Reads `:10190`, `127.0.0.1:10190`, `localhost:10190` or `[::1]:10190`.
 * @throws Error with one sentence if it is none of these
 */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:\[([0-9A-Fa-f:.%\w]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3] ?? Number.NaN);
  if (match === null || port > 65_535) {
    throw new Error(
      `cannot listen on "${text}": write it as :10190, 127.0.0.1:10190 or [::1]:10190`,
    );
  }
  const host = match[1] ?? match[2];
  return { host: host === "" ? undefined : host, port };
}

/** Why listening failed and what helps, in one sentence. @param flag the flag that gives the address */
export function listenFailure(address: string, error: unknown, flag = "web.listen-address"): Error {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `the address is in use: stop the program that uses it or choose another with --${flag}`,
    EACCES: `permission denied: choose a port above 1023 with --${flag} or grant CAP_NET_BIND_SERVICE`,
    EADDRNOTAVAIL: `this host does not have this address: choose one that it has with --${flag}`,
    ENOTFOUND: `the name does not resolve: use an address with --${flag}`,
    EAI_AGAIN: `the name cannot be looked up, since no name server answers: use an address with --${flag}`,
  };
  const reason = reasons[code] ?? (error instanceof Error ? error.message : String(error));
  return new Error(`cannot listen on ${address}: ${reason}`, { cause: error });
}
