import { Resolver } from "node:dns/promises";

/** A name server that has not answered by then is asked again, this often. */
const PATIENCE = { timeout: 2000, tries: 2 } as const;

/**
 * Asks the system's name servers, and /etc/hosts, for the names of an address. The servers of /etc/resolv.conf are asked
 * directly: `getnameinfo` would hold one of the few threads that files and forward lookups need, for as long as a
 * server is silent, and cannot be told how long to wait.
 */
export function reverseDns(address: string): Promise<string[]> {
  // A new one each time, so that a changed resolv.conf is noticed.
  return new Resolver(PATIENCE).reverse(address);
}
