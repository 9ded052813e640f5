import { describe, expect, test } from "vitest";
import { probeSettings, settingsOf } from "../../src/config/schema.ts";
import type { Lookup } from "../../src/discovery/name-lookup.ts";
import { resolveSpec, SourceAddresses, sourceAddressFor } from "../../src/discovery/resolve.ts";
import type { TargetSpec } from "../../src/flow/target.ts";
import { type Address, parseAddress } from "../../src/packet/address.ts";

const ANSWERS = ["2001:db8::2", "192.0.2.30", "192.0.2.4", "2001:db8::1", "192.0.2.30"];

function target(settings: Partial<TargetSpec> = {}): TargetSpec {
  return {
    ...probeSettings(settingsOf([]).probe),
    name: "t",
    host: "db.example",
    resolve: "first",
    port: 80,
    protocol: "tcp",
    family: "auto",
    labels: {},
    ...settings,
  };
}

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
}

/** A name server that knows one name. */
const answering =
  (answers: readonly string[]): Lookup =>
  (host) =>
    host === "db.example"
      ? Promise.resolve(answers.map((text) => ({ address: text })))
      : Promise.reject(
          Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: "ENOTFOUND" }),
        );

async function texts(
  spec: TargetSpec,
  lookup: Lookup,
  previous?: string,
): Promise<readonly string[] | string> {
  const resolution = await resolveSpec(
    spec,
    lookup,
    previous === undefined ? undefined : address(previous),
  );
  return "error" in resolution ? resolution.error : resolution.addresses.map(({ text }) => text);
}

test("an address stands for itself and is not looked up", async () => {
  const never: Lookup = () => Promise.reject(new Error("asked"));
  expect(await texts(target({ host: "2001:DB8::1" }), never)).toEqual(["2001:db8::1"]);
});

describe("one address of a name", () => {
  test.each([
    ["auto", "192.0.2.30"],
    ["ipv4", "192.0.2.30"],
    ["ipv6", "2001:db8::2"],
  ] as const)(
    "with family %s is %s, the first of the preferred family",
    async (family, expected) => {
      expect(await texts(target({ family }), answering(ANSWERS))).toEqual([expected]);
    },
  );

  test("is IPv6 where there is nothing else", async () => {
    expect(await texts(target(), answering(["2001:db8::2"]))).toEqual(["2001:db8::2"]);
  });

  test("stays while the name still has it, and moves on when not", async () => {
    expect(await texts(target(), answering(ANSWERS), "2001:db8::1")).toEqual(["2001:db8::1"]);
    expect(await texts(target(), answering(ANSWERS), "192.0.2.99")).toEqual(["192.0.2.30"]);
  });
});

test("all addresses of a name are sorted by text, each once", async () => {
  const all = await texts(target({ resolve: "all" }), answering(ANSWERS));
  expect(all).toEqual(["192.0.2.30", "192.0.2.4", "2001:db8::1", "2001:db8::2"]);
});

describe("a name without an address is the target's own state", () => {
  const failing =
    (code: string): Lookup =>
    () =>
      Promise.reject(Object.assign(new Error("x"), { code }));

  test.each([
    [
      "no such name",
      failing("ENOTFOUND"),
      "cannot resolve db.example: no such name, or no address of this family (ENOTFOUND)",
    ],
    [
      "no name server",
      failing("EAI_AGAIN"),
      "cannot resolve db.example: the name server did not answer (EAI_AGAIN)",
    ],
    ["another error", failing("EAI_FAIL"), "cannot resolve db.example: EAI_FAIL"],
    [
      "an empty answer",
      answering([]),
      "cannot resolve db.example: no usable address among the answers",
    ],
    [
      "an address with a zone",
      answering(["fe80::1%eth0"]),
      "cannot resolve db.example: no usable address among the answers",
    ],
  ])("%s", async (_, lookup, message) => {
    expect(await texts(target(), lookup)).toBe(message);
  });

  test("and leaves the other targets alone", async () => {
    const lookup = answering(["192.0.2.1"]);
    const results = await Promise.all([
      texts(target({ host: "gone.example" }), lookup),
      texts(target(), lookup),
    ]);
    expect(results).toEqual([
      "cannot resolve gone.example: no such name, or no address of this family (ENOTFOUND)",
      ["192.0.2.1"],
    ]);
  });

  test("answers of the wrong family do not count", async () => {
    expect(await texts(target({ family: "ipv6" }), answering(["192.0.2.1"]))).toContain(
      "no usable address",
    );
  });
});

describe("the source address", () => {
  test("towards the loopback is the loopback's own", async () => {
    expect(await sourceAddressFor(address("127.0.0.1"))).toEqual(address("127.0.0.1"));
    expect(await sourceAddressFor(address("127.4.5.6"))).toMatchObject({
      text: expect.stringMatching(/^127\./),
    });
  });

  test("of a destination that cannot be reached is a sentence", async () => {
    // The kernel refuses the broadcast address to a socket that has not asked for it, whatever routes there are.
    expect(await sourceAddressFor(address("255.255.255.255"))).toMatch(
      /^no source address for 255\.255\.255\.255: .*EACCES/,
    );
  });

  test("of an address that is asked for together is asked for once, and not where it is known", async () => {
    const sources = new SourceAddresses();
    const loopback = address("127.0.0.1");
    expect(sources.of(loopback)).toBe(sources.of(address("127.0.0.1")));
    expect(await sources.of(loopback)).toEqual(loopback);
    expect(await sources.of(loopback, address("192.0.2.1"))).toEqual(address("192.0.2.1"));
  });
});
