import { expect, test } from "vitest";
import type { FlowEvidence } from "../../src/localize/case.ts";
import { localize } from "../../src/localize/localize.ts";
import { flow, hopsOf, TO } from "../support/scene.ts";

const SPINES = ["a", "b", "c", "d"];

/**
 * Sixteen flows over each of four routers: those over the first die there, and of the others one of four, or as many as told, gets no
 * answer back.
 */
function flows(streakThere: number, streakBack: number, lostOfFour = 1): FlowEvidence[] {
  return SPINES.flatMap((spine, at) =>
    Array.from({ length: 16 }, (_, index) => {
      const way = `r${spine}${spine.toUpperCase()}`;
      if (at === 0) {
        return flow(way, streakThere, streakThere, { seen: hopsOf("r"), last_hop: "r" });
      }
      if (index % 4 >= lostOfFour) return flow(way, 0, 12);
      const seen = [...hopsOf(way), null];
      return flow(way, streakBack, streakBack, { seen, last_hop: way.at(-1) ?? "" });
    }),
  );
}

const told = (all: readonly FlowEvidence[]): string[] =>
  localize({ target: TO, flows: all, known_links: [] }).suspects.map(
    ({ place, to }) => `${place} ${to}`,
  );

test("a dead router whose death also takes answers that come back by it is one suspect", () => {
  expect(told(flows(12, 12))).toEqual([expect.stringMatching(/^(link|router) a$/)]);
  expect(told(flows(12, 11))).toHaveLength(1);
});

test("a way back that broke at another time is a fault of its own", () => {
  expect(told(flows(12, 5))).toEqual(
    expect.arrayContaining([expect.stringMatching(/ a$/), "return null"]),
  );
});

test("a way back that breaks when a dead router has long taken answers as well is a fault of its own", () => {
  const timed = (laterBack: number) =>
    flows(12, 12, 2).map((each, at) => {
      if (each.failures === 0) return each;
      // Each is probed once in ten seconds; half of those whose answers get lost have lost them for less long.
      const isLater = at >= 16 && at % 4 === 1;
      const failing_since = 1000 + (at % 16) * 600 + (isLater ? laterBack : 0);
      return { ...each, failing_since, first_failure: failing_since };
    });
  expect(told(timed(0))).toHaveLength(1);
  expect(told(timed(8000))).toHaveLength(1);
  expect(told(timed(25_000))).toEqual(
    expect.arrayContaining([expect.stringMatching(/ a$/), "return null"]),
  );
});

test("a way back that is broken for far more flows than the place could take is a fault of its own", () => {
  expect(told(flows(12, 12, 3)).some((one) => /^(return|endpoint)/.test(one))).toBe(true);
});

/**
 * Routers a, b, c of one address each before one that answers from the interface by which its answer leaves, as A, B or C, and one more router
 * behind it. Flows over a die, and so do those that are answered over a, which meet A.
 */
function outgoing(): FlowEvidence[] {
  return ["a", "b", "c"].flatMap((there) =>
    ["A", "B", "C"].flatMap((back) =>
      Array.from({ length: 8 }, () => {
        const way = `r${there}${back}z`;
        if (there !== "a" && back !== "A") return flow(way, 0, 12);
        const seen = hopsOf(`r${there}`);
        return flow(way, 12, 12, { seen, last_hop: there, failing_since: 1000 });
      }),
    ),
  );
}

test("a dead router is one suspect where an address of a later one tells by which router answers go back", () => {
  expect(told(outgoing())).toEqual([expect.stringMatching(/^(link|router) (a|A|B|C)$/)]);
});

/**
 * The same with loss alone: of ten probes of flows over a, or answered over it, six are lost; of those of both, eight.
 * Flows that lose something have not been swept since.
 */
function outgoingLoss(): FlowEvidence[] {
  return ["a", "b", "c", "d"].flatMap((there) =>
    ["A", "B", "C", "D"].flatMap((back) => {
      const lost = there === "a" && back === "A" ? 8 : there === "a" || back === "A" ? 6 : 0;
      const since = lost > 0 ? { first_failure: 1000 } : {};
      return Array.from({ length: 4 }, () => flow(`r${there}${back}z`, lost, 10, since));
    }),
  );
}

test("a router that loses a part is one suspect where an address of a later one tells by which router answers go back", () => {
  expect(told(outgoingLoss())).toEqual([expect.stringMatching(/^(link|router) a$/)]);
});

test("loss there and back that began at other times is two faults", () => {
  const later = outgoingLoss().map((each) =>
    each.path?.[1] !== "a" && each.failures > 0 ? { ...each, first_failure: 31_000 } : each,
  );
  expect(told(later)).toHaveLength(2);
});

test("loss that an address of a later router tells is a fault of its own where nothing on the way there loses as much", () => {
  const others = outgoingLoss().map((each) =>
    each.path?.[2] === "A" && each.path[1] !== "a" ? each : { ...each, failures: 0 },
  );
  expect(told(others)).not.toEqual([expect.stringMatching(/^(link|router) a$/)]);
});

/** Twenty flows over each of three routers: those over the first lose a tenth of their probes, and so does every third of the others. */
function lossBothWays(): FlowEvidence[] {
  const lost = { a: [1, 2, 1, 3], b: [0, 0, 2], c: [0, 0, 2] };
  return Object.entries(lost).flatMap(([spine, losses]) =>
    Array.from({ length: 20 }, (_, at) => flow(`r${spine}z`, losses[at % losses.length] ?? 0, 16)),
  );
}

test("a router that loses a tenth in both directions is the one suspect, not the endpoint", () => {
  const { suspects } = localize({ target: TO, flows: lossBothWays(), known_links: [] });
  expect(suspects).toHaveLength(1);
  expect(suspects[0]).toMatchObject({ segment: "forward", name: "a" });
});

/** Four ways of two routers: all flows over `P` are dead, and three of five over `Q`, whose sweeps end before it. */
function deadAtTheEnd(more: Partial<FlowEvidence>): FlowEvidence[] {
  return ["pP", "qQ", "sS", "uU"].flatMap((way) =>
    Array.from({ length: 5 }, (_, at) => {
      const [first = ""] = way;
      const isDead = way === "pP" || (way === "qQ" && at < 3);
      if (!isDead) return flow(way, 0, 30);
      return flow(way, 30, 30, { seen: hopsOf(first), last_hop: first, ...more });
    }),
  );
}

test("links that broke at once are one fault and what it takes of the answers; where nobody knows when, each is told", () => {
  expect(told(deadAtTheEnd({}))).toEqual(
    expect.arrayContaining([expect.stringMatching(/ P$/), expect.stringMatching(/ Q$/)]),
  );
  expect(told(deadAtTheEnd({ failing_since: 1000 }))).toEqual([expect.stringMatching(/ P$/)]);
});

/** Routers b, c and d, and a last one that answers with w, x, y or z, as its answers leave; those that leave by x or y are lost. */
function answeredOver(): FlowEvidence[] {
  return ["b", "c", "d"].flatMap((near) =>
    ["w", "x", "y", "z"].flatMap((last) =>
      Array.from({ length: 3 }, (_, at) => {
        const isDead = last === "x" || last === "y";
        if (!isDead) return flow(`a${near}${last}`, 0, 12);
        // Of the third nobody knows how it went.
        const way = at === 2 ? null : `a${near}${last}`;
        return flow(way, 12, 12, { seen: hopsOf(`a${near}`), last_hop: near });
      }),
    ),
  );
}

test("the way back is one suspect where several addresses of the last router tell it, and what they leave over is its own", () => {
  const { suspects } = localize({ target: TO, flows: answeredOver(), known_links: [] });
  expect(suspects).toMatchObject([{ place: "return", segment: "return_or_endpoint" }]);
  expect(suspects[0]?.confidence).toBeLessThan(0.7);
});

/**
 * Four routers behind each of four, and one behind them all: every flow over B, of the second stage, loses two of eighteen probes, and of those over d
 * and another than B a few lose one.
 */
function lossOfTheSecondStage(): FlowEvidence[] {
  return ["a", "b", "c", "d"].flatMap((first) =>
    ["A", "B", "C", "D"].flatMap((second) =>
      Array.from({ length: 5 }, (_, index) => {
        const lost = second === "B" ? 2 : first === "d" && index < 2 ? 1 : 0;
        const since = lost > 0 ? { first_failure: 1000 } : {};
        return flow(`r${first}${second}yz`, lost, 18, since);
      }),
    ),
  );
}

test("a router that loses several times as much as a link before it is not what comes back by that link", () => {
  expect(told(lossOfTheSecondStage())).toEqual(
    expect.arrayContaining([expect.stringMatching(/^(link|router) [By]$/)]),
  );
});
