import { describe, expect, test } from "vitest";
import { HopPacer } from "../../src/trace/hop-pacer.ts";
import { type PacedProbe, type Spot, spotOf } from "../../src/trace/paced-probe.ts";
import { seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";
import { mostWithin } from "../support/tracing-rig.ts";

const HOP = "10.0.0.8";

/** Asks a spot as fast as it may be for a time; `answers` says who answers, if anybody, within a millisecond. */
function askFor(
  pacer: HopPacer,
  spot: Spot,
  from: number,
  ms: number,
  answers: (now: number) => string | undefined,
  by: "ready" | "spare" = "ready",
): { asked: number[]; counted: number } {
  const asked: number[] = [];
  const waiting: PacedProbe[] = [];
  let counted = 0;
  const expire = (now: number): void => {
    for (
      let [first] = waiting;
      first !== undefined && now - first.sentAt >= 1000;
      [first] = waiting
    ) {
      waiting.shift();
      if (pacer.silent(first, now)) counted += 1;
    }
  };
  for (let now = from; now < from + ms; now += 5) {
    expire(now);
    if (!pacer[by](spot, now)) continue;
    const ask = pacer.asked(spot, now, by === "spare");
    asked.push(now);
    const hop = answers(now);
    if (hop === undefined) waiting.push(ask);
    else pacer.answered(ask, hop);
  }
  expire(from + ms + 1000);
  return { asked, counted };
}

/** A router that answers six packets at once and one a second then, as Linux does. */
function rateLimiting(from: number): (now: number) => string | undefined {
  let tokens = 6;
  let at = from;
  return (now) => {
    tokens = Math.min(6, tokens + (now - at) / 1000);
    at = now;
    if (tokens < 1) return undefined;
    tokens -= 1;
    return HOP;
  };
}

/** A TTL behind a hop of which nothing else is known. */
const SOMEWHERE: Spot = spotOf(3, "10.0.0.1");

describe("a place", () => {
  test("is a TTL behind the hop before it, whatever is expected there", () => {
    expect(spotOf(3, "10.0.0.1", HOP).place).toBe(SOMEWHERE.place);
    const spots = [SOMEWHERE, spotOf(4, "10.0.0.1"), spotOf(3, "10.0.0.2"), spotOf(3, null)];
    expect(new Set(spots.map(({ place }) => place)).size).toBe(spots.length);
  });
});

describe("the pace", () => {
  test("is never faster than allowed, whoever answers", () => {
    const random = seeded(printedSeed("pace"));
    for (const perSecond of [1, 4, 10, 50]) {
      const pacer = new HopPacer(perSecond);
      const { asked } = askFor(pacer, SOMEWHERE, 1000, 20_000, () =>
        random.chance(0.5) ? `10.0.0.${random.between(1, 4)}` : undefined,
      );
      expect(asked.length).toBeGreaterThan(10);
      expect(mostWithin(asked, 1000)).toBeLessThanOrEqual(perSecond);
    }
  });

  test("is the full one where everything is answered, and where nothing is", () => {
    for (const answer of [HOP, undefined]) {
      const { asked } = askFor(new HopPacer(10), SOMEWHERE, 0, 10_000, () => answer);
      expect(asked.length).toBeGreaterThan(95);
    }
  });

  test("is held by a hop under all its names together", () => {
    const pacer = new HopPacer(10);
    const names = [spotOf(3, "a"), spotOf(3, "b"), spotOf(3, null, HOP)];
    for (const [index, name] of names.entries()) {
      pacer.answered(pacer.asked(name, index * 1000), HOP);
    }
    const asked: number[] = [];
    for (let now = 5000; now < 10_000; now += 5) {
      for (const name of names) {
        if (!pacer.ready(name, now)) continue;
        pacer.answered(pacer.asked(name, now), HOP);
        asked.push(now);
      }
    }
    expect(mostWithin(asked, 1000)).toBeLessThanOrEqual(10);
    expect(asked.length).toBeGreaterThan(40);
  });

  test("comes down to what a rate-limiting router answers", () => {
    const pacer = new HopPacer(10);
    const answers = rateLimiting(0);
    askFor(pacer, SOMEWHERE, 0, 10_000, answers);
    const { asked } = askFor(pacer, SOMEWHERE, 10_000, 20_000, answers);
    expect(asked.length).toBeLessThan(25);
    expect(asked.length).toBeGreaterThan(10);
  });
});

test("many routers at one place give most of the answers that they have from the beginning, whichever of them are met", () => {
  const random = seeded(printedSeed("eight routers"));
  for (let drawn = 0; drawn < 20; drawn++) {
    const routers = Array.from({ length: 8 }, () => rateLimiting(0));
    let given = 0;
    const { asked } = askFor(
      new HopPacer(50),
      SOMEWHERE,
      0,
      20_000,
      (now) => {
        const at = random.between(0, 7);
        const answer = routers[at]?.(now) === undefined ? undefined : `10.0.1.${at}`;
        given += answer === undefined ? 0 : 1;
        return answer;
      },
      "spare",
    );
    // Eight bursts of six, and eight a second for 20 s, are 208.
    expect(given).toBeGreaterThan(140);
    expect(asked.length - given).toBeLessThan(40);
  }
});

describe("silence", () => {
  test("counts where nobody answers", () => {
    const { asked, counted } = askFor(new HopPacer(10), SOMEWHERE, 0, 3000, () => undefined);
    expect(counted).toBe(asked.length);
  });

  test("does not count where a rate limit explains it, but does once the router is asked slowly enough", () => {
    const pacer = new HopPacer(10);
    expect(askFor(pacer, SOMEWHERE, 0, 20_000, rateLimiting(0)).counted).toBe(0);
    // It has stopped answering: a few silences in a row are believed.
    expect(askFor(pacer, SOMEWHERE, 20_000, 10_000, () => undefined).counted).toBeGreaterThan(3);
  });
});

describe("who can wait", () => {
  test("leaves a rate-limiting router answers for failing flows", () => {
    const pacer = new HopPacer(10);
    const answers = rateLimiting(0);
    const silent: number[] = [];
    const { asked } = askFor(
      pacer,
      SOMEWHERE,
      0,
      60_000,
      (now) => {
        const hop = answers(now);
        if (hop === undefined) silent.push(now);
        return hop;
      },
      "spare",
    );
    expect(asked.length).toBeGreaterThan(40);
    expect(silent).toEqual([]);
    // Whoever cannot wait is answered at once.
    expect(pacer.ready(SOMEWHERE, 60_100)).toBe(true);
    expect(answers(60_100)).toBe(HOP);
  });

  test("is not kept from learning that nobody answers", () => {
    const { asked } = askFor(new HopPacer(10), SOMEWHERE, 0, 20_000, () => undefined, "spare");
    expect(asked.length).toBeGreaterThan(15);
  });

  test("holds no rate limit to explain silence where the answers are none that anybody limits", () => {
    for (const free of [true, false]) {
      const pacer = new HopPacer(10);
      const spot = spotOf(4, "10.0.0.10");
      pacer.answered(pacer.asked(spot, 0), "192.0.2.10", free);
      const unanswered = pacer.asked(spot, 200);
      expect(pacer.silent(unanswered, 1200)).toBe(free);
      expect(pacer.ready(spot, 1250)).toBe(free);
    }
  });
});
