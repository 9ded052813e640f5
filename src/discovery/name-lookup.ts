import { Resolver, lookup as systemLookup } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import { readHosts, readSearch, type Search } from "./name-files.ts";

/** Asks for every address of a name; `family` 0 means both. Rejects as `dns.lookup` does. */
export type Lookup = (
  host: string,
  options: { readonly all: true; readonly family: 0 | 4 | 6 },
) => Promise<readonly { readonly address: string }[]>;

/** A name server that has not answered by then is asked again, this often. */
const PATIENCE = { timeout: 2000, tries: 2 } as const;
/** The code of c-ares for servers that did not answer: another search domain would fare no better. */
const UNANSWERED = "ETIMEOUT";

/** Where names are looked up; the system's files and name servers unless given. */
export interface NameSources {
  /** The text of a file; empty where it cannot be read. */
  readonly read: (file: "/etc/hosts" | "/etc/resolv.conf") => Promise<string>;
  /** Asks the name servers for the addresses of one full name. @throws Error with a code of c-ares */
  readonly ask: (name: string, family: 4 | 6) => Promise<readonly string[]>;
  /** Everything else that the system knows: multicast DNS, directories, the host's own name. */
  readonly system: Lookup;
}

const SYSTEM: NameSources = {
  read: (file) => readFile(file, "utf8").catch(() => ""),
  // A new one each time, so that a changed resolv.conf is noticed.
  ask: (name, family) => new Resolver(PATIENCE)[family === 4 ? "resolve4" : "resolve6"](name),
  system: systemLookup,
};

/**
 * Looks a name up as `getaddrinfo` does: /etc/hosts, then the name servers with the search domains of /etc/resolv.conf
 * (resolv.conf(5)), then whatever else the system knows. The servers are asked directly, because `getaddrinfo` holds one
 * of the process's four threads for as long as a server is silent, so that a few dead names delay all others.
 * @throws Error with a `code`: `ENOTFOUND`, `ETIMEOUT`, or what the server said
 */
export function nameLookup(sources: NameSources = SYSTEM): Lookup {
  return async (host, { family }) => {
    const families = family === 0 ? ([4, 6] as const) : [family];
    const fixed = readHosts(await sources.read("/etc/hosts"), host, families);
    if (fixed.length > 0) return fixed.map((address) => ({ address }));
    const search = readSearch(await sources.read("/etc/resolv.conf"));
    for (const name of candidates(host, search)) {
      const found = await askAll(sources, name, families);
      if (found.length > 0) return found.map((address) => ({ address }));
    }
    return await sources.system(host, { all: true, family });
  };
}

/** The full names that a name may stand for, in the order in which they are asked for. */
function candidates(host: string, { domains, ndots }: Search): string[] {
  if (host.endsWith(".")) return [host.slice(0, -1)];
  const searched = domains.map((domain) => `${host}.${domain}`);
  const dots = host.split(".").length - 1;
  return dots >= ndots ? [host, ...searched] : [...searched, host];
}

/** The addresses of these families; none where a server refuses or knows no such name. @throws Error where none answers */
async function askAll(
  { ask }: NameSources,
  name: string,
  families: readonly (4 | 6)[],
): Promise<string[]> {
  const asked = await Promise.allSettled(families.map((family) => ask(name, family)));
  const found = asked.flatMap((each) => (each.status === "fulfilled" ? each.value : []));
  if (found.length > 0) return found;
  for (const each of asked) {
    if (each.status === "rejected" && codeOf(each.reason) === UNANSWERED) throw each.reason;
  }
  return [];
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
