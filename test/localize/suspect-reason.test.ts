import { describe, expect, test } from "vitest";
import { localize } from "../../src/localize/localize.ts";
import { flow, hopsOf, TO } from "../support/scene.ts";

/** Why the one suspect of these dead flows is one, beside 24 flows over other routers that work. */
function reasonOf(dead: readonly ReturnType<typeof flow>[]): string | undefined {
  const working = [..."bde"].flatMap((hop) =>
    Array.from({ length: 8 }, () => flow(`a${hop}f`, 0, 9)),
  );
  const { suspects } = localize({ target: TO, flows: [...working, ...dead], known_links: [] });
  expect(suspects).toHaveLength(1);
  return suspects[0]?.reason;
}

const swept = (path: string | null, seen: string) =>
  flow(path, 9, 9, { seen: hopsOf(seen), last_hop: seen.at(-1) ?? "unknown" });
const times = (count: number, make: () => ReturnType<typeof flow>) =>
  Array.from({ length: count }, make);

describe("the sentence of a suspect", () => {
  test("says that every flow across a place fails where all that fail are known to cross it", () => {
    expect(reasonOf(times(8, () => swept("acf", "a")))).toMatch(
      /^every flow across the link a to c fails, 8 of 8;/,
    );
  });

  test("counts flows whose way is not known apart", () => {
    const dead = [...times(6, () => swept("acf", "a")), ...times(2, () => swept(null, ""))];
    expect(reasonOf(dead)).toMatch(
      /^every flow known to cross the link a to c fails, 6 of 6, and 2 more fail that may cross it;/,
    );
  });

  test("says of what is behind the last router how many traces got there", () => {
    const hops = [..."bdebde"];
    const dead = hops.map((hop) => swept(`a${hop}f`, `a${hop}f`));
    expect(reasonOf(dead)).toMatch(/^6 of 30 flows fail behind the last router they reach;/);
    const untraced = hops.map((hop) => swept(`a${hop}f`, ""));
    expect(reasonOf([...dead, ...untraced])).toMatch(
      /^12 of 36 flows fail, traces of 6 of them got to the last router;/,
    );
  });
});
