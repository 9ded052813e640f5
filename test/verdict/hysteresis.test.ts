import { describe, expect, it } from "vitest";
import type { Localization } from "../../src/localize/localize.ts";
import { Hysteresis } from "../../src/verdict/hysteresis.ts";

const found = (verdict: Localization["verdict"], ...links: string[]): Localization => ({
  verdict,
  reason: links.join(" "),
  suspects: links.map((link) => ({
    from: link.slice(0, 1),
    to: link.slice(1),
    segment: "forward",
    place: "link",
    name: link.slice(1),
    alternatives: [],
    loss_ratio: 1,
    confidence: 0.9,
    reason: link,
  })),
});

const names = (hysteresis: Hysteresis) => hysteresis.standing.suspects.map(({ reason }) => reason);

describe("Hysteresis", () => {
  it("tells a verdict once it was found twice, 2 s apart", () => {
    const hysteresis = new Hysteresis();
    expect(hysteresis.update(found("healthy"), 0)).toBe(false);
    expect(hysteresis.update(found("healthy"), 1000)).toBe(false);
    expect(hysteresis.standing.verdict).toBe("indeterminate");
    expect(hysteresis.update(found("healthy"), 5000)).toBe(true);
    expect(hysteresis.standing.verdict).toBe("healthy");
  });

  it("forgets a verdict that was found once and then not again", () => {
    const hysteresis = new Hysteresis();
    for (const at of [0, 5000]) hysteresis.update(found("healthy"), at);
    hysteresis.update(found("path_fault", "ab"), 10_000);
    hysteresis.update(found("healthy"), 15_000);
    expect(hysteresis.update(found("path_fault", "ab"), 20_000)).toBe(false);
    expect(hysteresis.standing.verdict).toBe("healthy");
  });

  it("tells other suspects under the same verdict once they were found twice in a row", () => {
    const hysteresis = new Hysteresis();
    for (const at of [0, 5000]) hysteresis.update(found("path_fault", "ab"), at);
    hysteresis.update(found("path_fault", "ab", "cd"), 10_000);
    hysteresis.update(found("path_fault", "ab"), 15_000);
    expect(names(hysteresis)).toEqual(["ab"]);
    hysteresis.update(found("path_fault", "cd"), 20_000);
    expect(names(hysteresis)).toEqual(["ab"]);
    hysteresis.update(found("path_fault", "cd"), 25_000);
    expect(names(hysteresis)).toEqual(["cd"]);
  });

  it("does not stay with suspects that are found no more, though others never settle", () => {
    const hysteresis = new Hysteresis();
    for (const at of [0, 5000]) hysteresis.update(found("path_loss", "ab"), at);
    for (const [turn, link] of ["cd", "ef", "cd", "ef"].entries()) {
      hysteresis.update(found("path_loss", link), 10_000 + turn * 5000);
    }
    expect(names(hysteresis)).toEqual(["ef"]);
  });

  it("follows the numbers of suspects that stay", () => {
    const hysteresis = new Hysteresis();
    for (const at of [0, 5000]) hysteresis.update(found("path_fault", "ab"), at);
    const later = { ...found("path_fault", "ab"), reason: "more probes" };
    expect(hysteresis.update(later, 10_000)).toBe(false);
    expect(hysteresis.standing).toBe(later);
  });
});
