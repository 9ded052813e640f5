import { describe, expect, it } from "vitest";
import { nameLookup } from "../../src/discovery/name-lookup.ts";

const failed = (code: string) => Object.assign(new Error(code), { code });

/** A system of files and name servers: names by address, and codes of names that fail otherwise. */
function system(given: {
  readonly hosts?: string;
  readonly resolv?: string;
  readonly names?: Readonly<Record<string, readonly string[]>>;
  readonly codes?: Readonly<Record<string, string>>;
  readonly elsewhere?: Readonly<Record<string, string>>;
}) {
  const asked: string[] = [];
  const lookup = nameLookup({
    read: (file) => Promise.resolve((file === "/etc/hosts" ? given.hosts : given.resolv) ?? ""),
    ask: (name, family) => {
      if (!asked.includes(name)) asked.push(name);
      const found = (given.names?.[name] ?? []).filter(
        (address) => address.includes(":") === (family === 6),
      );
      return found.length === 0
        ? Promise.reject(failed(given.codes?.[name] ?? "ENOTFOUND"))
        : Promise.resolve(found);
    },
    system: (host) => {
      asked.push(`system:${host}`);
      const address = given.elsewhere?.[host];
      return address === undefined
        ? Promise.reject(failed("ENOTFOUND"))
        : Promise.resolve([{ address }]);
    },
  });
  const texts = async (host: string, family: 0 | 4 | 6 = 0) =>
    (await lookup(host, { all: true, family })).map(({ address }) => address);
  return { asked, texts };
}

describe("a name", () => {
  it("is taken from the hosts file before any server is asked, in either case and of the family wanted", async () => {
    const hosts = "# no\n127.0.0.1 localhost\n192.0.2.1  DB.test db # one\n2001:db8::1 db\n";
    const { asked, texts } = system({ hosts });
    expect(await texts("db.test")).toEqual(["192.0.2.1"]);
    expect(await texts("db")).toEqual(["192.0.2.1", "2001:db8::1"]);
    expect(await texts("db", 6)).toEqual(["2001:db8::1"]);
    expect(asked).toEqual([]);
  });

  it("with fewer dots than ndots is completed by the search domains first", async () => {
    const resolv = "nameserver 192.0.2.53\nsearch a.test b.test.\noptions timeout:1 ndots:2\n";
    const names = { "db.b.test": ["192.0.2.1"], "db.x.test": ["192.0.2.2"] };
    const { asked, texts } = system({ resolv, names });
    expect(await texts("db")).toEqual(["192.0.2.1"]);
    expect(asked).toEqual(["db.a.test", "db.b.test"]);
    expect(await texts("db.x.test")).toEqual(["192.0.2.2"]);
    expect(asked.slice(2)).toEqual(["db.x.test"]);
  });

  it("with a dot at its end is complete", async () => {
    const { asked, texts } = system({ resolv: "search a.test", names: { db: ["192.0.2.1"] } });
    expect(await texts("db.")).toEqual(["192.0.2.1"]);
    expect(asked).toEqual(["db"]);
  });

  it("has the addresses of both families, also where one of the two questions fails", async () => {
    const names = { "db.test": ["192.0.2.1", "2001:db8::1"], "four.test": ["192.0.2.4"] };
    const { texts } = system({ names, codes: { "four.test": "ETIMEOUT" } });
    expect(await texts("db.test")).toEqual(["192.0.2.1", "2001:db8::1"]);
    expect(await texts("four.test")).toEqual(["192.0.2.4"]);
  });

  it("that no server knows is left to whatever else the system knows", async () => {
    const { asked, texts } = system({ elsewhere: { "printer.local": "192.0.2.9" } });
    expect(await texts("printer.local")).toEqual(["192.0.2.9"]);
    expect(asked).toEqual(["printer.local", "system:printer.local"]);
    await expect(texts("no.test")).rejects.toMatchObject({ code: "ENOTFOUND" });
  });

  it("whose servers are silent fails at once, without occupying a thread of the system's", async () => {
    const codes = { "db.test": "ETIMEOUT" };
    const { asked, texts } = system({ codes, resolv: "search a.test" });
    await expect(texts("db.test")).rejects.toMatchObject({ code: "ETIMEOUT" });
    expect(asked).toEqual(["db.test"]);
  });
});
