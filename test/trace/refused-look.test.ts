import { expect, test } from "vitest";
import { spotOf } from "../../src/trace/paced-probe.ts";
import { RefusedLook } from "../../src/trace/refused-look.ts";

const BY = { sweep: 3, sharing: 17, answersAt: Number.POSITIVE_INFINITY };
const FIRST = { spot: spotOf(1, "source"), again: false };
const SECOND = { spot: spotOf(3, "10.0.0.2"), again: true };
const never = (): boolean => false;

test("a look at a survey stands as long as nothing that it goes by is another", () => {
  const look = new RefusedLook([FIRST, SECOND], BY, 1000);
  expect(look.stands({ ...BY }, 1040, never)).toBe(true);
  for (const changed of [{ sweep: 4 }, { sharing: 18 }, { answersAt: 5 }]) {
    expect(look.stands({ ...BY, ...changed }, 1040, never)).toBe(false);
  }
});

test("a look at a survey stands until one of the spots may be asked, to a flow as it was refused there", () => {
  const look = new RefusedLook([FIRST, SECOND], BY, 1000);
  const asked: [number, boolean][] = [];
  const onlyThird = ({ spot, again }: typeof FIRST): boolean => {
    asked.push([spot.ttl, again]);
    return spot.ttl === 3;
  };
  expect(look.stands(BY, 1040, onlyThird)).toBe(false);
  expect(asked).toEqual([
    [1, false],
    [3, true],
  ]);
});

test("a look at a survey does not stand for ever", () => {
  const look = new RefusedLook([FIRST], BY, 1000);
  expect(look.stands(BY, 5999, never)).toBe(true);
  expect(look.stands(BY, 6000, never)).toBe(false);
});
