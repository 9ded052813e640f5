import { describe, expect, test } from "vitest";
import { chanceOfDeathAt, type Member } from "../../src/localize/member.ts";

const member = (weight: number, beyond: Member["beyond"]): Member => ({
  flow: 0,
  weight,
  depth: 2,
  beyond,
  link: { from: 2, to: 3 },
});

describe("the chance that a flow passes a place where everything dies", () => {
  test("is that of its way alone where it was not swept", () => {
    expect(chanceOfDeathAt(member(0.25, null))).toBe(0.25);
  });

  test("is larger where its sweep ended before the place, since behind another somebody would have answered", () => {
    const chance = chanceOfDeathAt(member(0.25, { answered: 0, missing: 2, trailing: 2 }));
    expect(chance).toBeCloseTo(0.25 / (0.25 + 0.75 * 0.1));
  });

  test("is none where somebody behind the place answered the sweep", () => {
    expect(chanceOfDeathAt(member(0.9, { answered: 1, missing: 1, trailing: 0 }))).toBe(0);
  });
});
