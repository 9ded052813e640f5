import { describe, expect, it } from "vitest";
import { KeptAddresses } from "../../src/discovery/kept-addresses.ts";
import { parseAddress } from "../../src/packet/address.ts";

const addresses = (...texts: readonly string[]) =>
  texts.map((text) => parseAddress(text) ?? expect.fail(text));
const MINUTE_MS = 60_000;

describe("KeptAddresses", () => {
  const texts = (kept: KeptAddresses, answered: readonly string[], failing: string[], at: number) =>
    kept.after(addresses(...answered), new Set(failing), at).map(({ text }) => text);

  it("keeps an address that works for ten minutes after the last answer that named it", () => {
    const kept = new KeptAddresses();
    expect(texts(kept, ["192.0.2.2", "192.0.2.1"], [], 0)).toEqual(["192.0.2.1", "192.0.2.2"]);
    expect(texts(kept, ["192.0.2.1"], [], 9.9 * MINUTE_MS)).toEqual(["192.0.2.1", "192.0.2.2"]);
    expect(texts(kept, ["192.0.2.1"], [], 10 * MINUTE_MS)).toEqual(["192.0.2.1"]);
  });

  it("lets an address go after a minute where every flow fails, but not while answers name it", () => {
    const kept = new KeptAddresses();
    const both = ["192.0.2.1", "192.0.2.2"];
    expect(texts(kept, both, both, 0)).toEqual(both);
    expect(texts(kept, ["192.0.2.1"], both, 0.9 * MINUTE_MS)).toEqual(both);
    expect(texts(kept, ["192.0.2.1"], both, MINUTE_MS)).toEqual(["192.0.2.1"]);
    expect(texts(kept, ["192.0.2.1"], both, 20 * MINUTE_MS)).toEqual(["192.0.2.1"]);
  });

  it("never stands for more than 256 addresses, the latest first", () => {
    const kept = new KeptAddresses();
    const many = (net: number) => Array.from({ length: 200 }, (_, i) => `10.0.${net}.${i}`);
    texts(kept, many(1), [], 0);
    const all = texts(kept, many(2), [], 1000);
    expect(all).toHaveLength(256);
    expect(all.filter((text) => text.startsWith("10.0.2."))).toHaveLength(200);
  });
});
