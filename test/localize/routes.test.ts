import { describe, expect, test } from "vitest";
import { TARGET } from "../../src/localize/network.ts";
import { flow, hopsOf, sceneOf } from "../support/scene.ts";

/** The chances of a flow's links, by the letters of their ends. */
function chances({ scene }: ReturnType<typeof sceneOf>, index: number): Record<string, number> {
  const name = (id: number): string =>
    scene.network.hops[id]?.address ?? (id === 0 ? "source" : ".");
  const crossings = scene.routes[index]?.crossings ?? [];
  return Object.fromEntries(
    crossings.map(({ from, to, weight }) => [
      `${name(from)} ${name(to)}`,
      Number(weight.toFixed(3)),
    ]),
  );
}

describe("layRoutes", () => {
  test("lays a flow that was seen healthy over its links, all of them certain", () => {
    const laid = sceneOf([flow("ab", 0, 10)]);
    expect(chances(laid, 0)).toEqual({ "source a": 1, "a b": 1, "b t": 1 });
    expect(laid.scene.routes[0]).toMatchObject({ end: null, beyondLast: null });
    expect(laid.scene.routes[0]?.lastRouter).toBe(laid.scene.network.answering("b"));
  });

  test("spreads a flow of which nothing is known over the ways of the others", () => {
    const known = Array.from({ length: 12 }, () => [flow("ab", 0, 10), flow("ac", 0, 10)]).flat();
    const laid = sceneOf([...known, flow(null, 10, 10)]);
    expect(chances(laid, known.length)).toMatchObject({ "source a": 1, "a b": 0.5, "a c": 0.5 });
  });

  test("begins it with its uplink, if this host's routes name one, whichever the others take", () => {
    const known = Array.from({ length: 12 }, () => flow("ab", 0, 10));
    const laid = sceneOf([...known, { ...flow(null, 10, 10), uplink: "x" }]);
    expect(chances(laid, known.length)).toEqual({ "source x": 1, "x .": 1, ". t": 1 });
    const same = sceneOf([...known, { ...flow(null, 10, 10), uplink: "a" }]);
    expect(chances(same, known.length)).toMatchObject({ "source a": 1 });
  });

  test("lets it take a way that nobody has seen, the likelier the fewer flows have shown where they go on", () => {
    const unseen = (flows: number): number => {
      const known = Array.from({ length: flows }, (_, at) =>
        flow(at % 2 === 0 ? "ab" : "ac", 0, 10),
      );
      return chances(sceneOf([...known, flow(null, 10, 10)]), flows)["a ."] ?? 0;
    };
    const [few, some, many] = [unseen(2), unseen(8), unseen(24)] as const;
    expect(few).toBeGreaterThan(some);
    expect(few).toBeLessThan(0.25);
    expect(some).toBeGreaterThan(0);
    expect(many).toBe(0);
  });

  test("does not send flows that work where flows that fail, and were traced first, went", () => {
    const failing = Array.from({ length: 6 }, () => flow("ab", 10, 10));
    const working = Array.from({ length: 20 }, () => flow(null, 0, 10));
    const laid = sceneOf([flow(null, 10, 10), ...failing, flow("ac", 0, 10), ...working]);
    const [fails, works] = [chances(laid, 0), chances(laid, 8)];
    expect(fails["a b"]).toBeGreaterThan(fails["a c"] ?? 0);
    expect(works["a b"]).toBeLessThan(works["a c"] ?? 0);
  });

  test("counts flows alike where as many of those that work were traced", () => {
    const traced = Array.from({ length: 12 }, () => [flow("ab", 10, 10), flow("ac", 0, 10)]).flat();
    const laid = sceneOf([flow(null, 0, 10), flow(null, 10, 10), ...traced]);
    expect(chances(laid, 0)).toEqual(chances(laid, 1));
  });

  test("lets it go on from where its sweep ended", () => {
    const swept = flow(null, 10, 10, { seen: hopsOf("ac"), last_hop: "c" });
    const laid = sceneOf([flow("ab", 0, 10), flow("acd", 0, 10), swept]);
    expect(chances(laid, 2)).toMatchObject({
      "source a": 1,
      "a c": 1,
      "d t": expect.closeTo(0.9, 1),
    });
    expect(chances(laid, 2)).not.toHaveProperty("a b");
    expect(laid.scene.routes[2]?.end).toBe(laid.scene.network.answering("c"));
  });

  test("takes the ways of other targets where its own flows show too little", () => {
    const shared = ["ab", "ac", "ad", "ae"].map(hopsOf);
    const laid = sceneOf([flow(null, 10, 10)], shared);
    const alone = chances(laid, 0);
    expect(alone["a b"]).toBe(alone["a e"]);
    // Nobody has shown that the way which fails is one of these: they work.
    expect(alone["a ."]).toBeGreaterThan(alone["a b"] ?? 1);
    const own = Array.from({ length: 30 }, () => flow("ab", 0, 10));
    expect(chances(sceneOf([...own, flow(null, 10, 10)], shared), 30)).not.toHaveProperty("a c");
  });

  test("counts what a failing sweep met behind each link, and what it did not", () => {
    const seen = { seen: hopsOf("a"), last_hop: "a" };
    const { scene } = sceneOf([flow("abc", 10, 10, seen)]);
    const beyond = scene.routes[0]?.crossings.map((crossing) => crossing.beyond);
    expect(beyond).toMatchObject([
      { answered: 1, missing: 3 },
      { answered: 0, missing: 3 },
      { answered: 0, missing: 2 },
      { answered: 0, missing: 1 },
    ]);
    expect(scene.routes[0]?.beyondLast).toEqual({ answered: 0, missing: 1, trailing: 3 });
    const [route] = scene.routes;
    const names = (ids: readonly number[] = []) => ids.map((id) => scene.network.hops[id]?.address);
    expect([names(route?.heard), names(route?.unheard)]).toEqual([hopsOf("a"), hopsOf("bc")]);
  });

  test("gives up a healthy path that the failing sweep contradicts", () => {
    const moved = flow("ab", 10, 10, { seen: hopsOf("ac"), last_hop: "c" });
    const { scene } = sceneOf([moved]);
    const c = scene.network.answering("c");
    expect(scene.routes[0]?.crossings.some(({ to }) => to === c)).toBe(true);
    expect(scene.routes[0]?.crossings.at(-1)?.to).toBe(TARGET);
  });
});
