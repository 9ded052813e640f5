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
    const laid = sceneOf([flow("ab", 0, 10), flow("ac", 0, 10), flow(null, 10, 10)]);
    expect(chances(laid, 2)).toMatchObject({ "source a": 1, "a b": 0.5, "a c": 0.5 });
  });

  test("lets it go on from where its sweep ended", () => {
    const swept = flow(null, 10, 10, { seen: hopsOf("ac"), last_hop: "c" });
    const laid = sceneOf([flow("ab", 0, 10), flow("acd", 0, 10), swept]);
    expect(chances(laid, 2)).toEqual({ "source a": 1, "a c": 1, "c d": 1, "d t": 1 });
    expect(laid.scene.routes[2]?.end).toBe(laid.scene.network.answering("c"));
  });

  test("takes the ways of other targets where its own flows show too little", () => {
    const shared = ["ab", "ac", "ad", "ae"].map(hopsOf);
    const laid = sceneOf([flow(null, 10, 10)], shared);
    expect(chances(laid, 0)).toMatchObject({ "source a": 1, "a b": 0.25, "a e": 0.25 });
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
