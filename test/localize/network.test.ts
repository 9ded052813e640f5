import { describe, expect, test } from "vitest";
import { Network, SOURCE, TARGET } from "../../src/localize/network.ts";

describe("Network", () => {
  test("knows an answering hop by its address, the destination from the start", () => {
    const network = new Network("t");
    const a = network.answering("a");
    expect(network.answering("a")).toBe(a);
    expect(network.answering("b")).not.toBe(a);
    expect(network.answering("t")).toBe(TARGET);
    expect(network.answers(SOURCE)).toBe(true);
  });

  test("takes silence between the same neighbours for one place, of another length or after another hop for another", () => {
    const network = new Network("t");
    const [a, b] = [network.answering("a"), network.answering("b")];
    const silent = network.silent(a, 1, b, 1);
    expect(network.silent(a, 1, b, 1)).toBe(silent);
    expect(network.silent(a, 2, b, 1)).not.toBe(silent);
    expect(network.silent(SOURCE, 1, b, 1)).not.toBe(silent);
    expect(network.answers(silent)).toBe(false);
    expect(network.hops[silent]).toMatchObject({ address: null, before: a, after: b, ttls: 1 });
  });

  test("tells the runs of silence known at a depth, behind whichever hop", () => {
    const network = new Network("t");
    const [a, b, c] = [network.answering("a"), network.answering("b"), network.answering("c")];
    network.silent(a, 1, c, 1);
    network.silent(b, 1, c, 1);
    expect(network.silentAt(1)).toEqual([{ ttls: 1, after: c }]);
    expect(network.silentAt(2)).toEqual([]);
  });

  test("adds up the flows that were seen to go from one hop to the next", () => {
    const network = new Network("t");
    const a = network.answering("a");
    network.connect(SOURCE, a, 2);
    network.connect(SOURCE, a, 3);
    expect([...network.next(SOURCE)]).toEqual([[a, 5]]);
    expect([...network.next(a)]).toEqual([]);
  });

  test("says of a hop that it leads to the destination where no other answering hop is in between", () => {
    const network = new Network("t");
    const [a, b, c] = [network.answering("a"), network.answering("b"), network.answering("c")];
    network.connect(a, b, 1);
    const silent = network.silent(b, 1, TARGET, 2);
    network.connect(b, silent, 1);
    network.connect(silent, TARGET, 1);
    expect(network.leadsToTarget(a)).toBe(false);
    expect(network.leadsToTarget(b)).toBe(true);
    expect(network.leadsToTarget(TARGET)).toBe(true);
    // What was never seen says nothing.
    const unknown = network.unknownBehind(c);
    network.connect(c, unknown, 1);
    network.connect(unknown, TARGET, 1);
    expect(network.leadsToTarget(c)).toBe(false);
    expect(network.mayAnswer(unknown)).toBe(true);
  });
});
