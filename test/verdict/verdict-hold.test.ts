import { describe, expect, it } from "vitest";
import type { Localization } from "../../src/localize/localize.ts";
import { VerdictHold } from "../../src/verdict/verdict-hold.ts";

const found = (verdict: Localization["verdict"], ...links: string[]): Localization => ({
  verdict,
  reason: links.join(" "),
  suspects: links.map((link) => ({
    from: link.slice(0, 1),
    to: link.slice(1),
    segment: "forward",
    loss_ratio: 1,
    confidence: 0.9,
    reason: link,
  })),
});

const names = (hold: VerdictHold) => hold.standing.suspects.map(({ reason }) => reason);

describe("VerdictHold", () => {
  it("tells a verdict once it was found twice, 4 s apart", () => {
    const hold = new VerdictHold();
    expect(hold.update(found("healthy"), 0)).toBe(false);
    expect(hold.update(found("healthy"), 1000)).toBe(false);
    expect(hold.standing.verdict).toBe("indeterminate");
    expect(hold.update(found("healthy"), 5000)).toBe(true);
    expect(hold.standing.verdict).toBe("healthy");
  });

  it("forgets a verdict that was found once and then not again", () => {
    const hold = new VerdictHold();
    for (const at of [0, 5000]) hold.update(found("healthy"), at);
    hold.update(found("path_fault", "ab"), 10_000);
    hold.update(found("healthy"), 15_000);
    expect(hold.update(found("path_fault", "ab"), 20_000)).toBe(false);
    expect(hold.standing.verdict).toBe("healthy");
  });

  it("tells other suspects under the same verdict once they were found twice in a row", () => {
    const hold = new VerdictHold();
    for (const at of [0, 5000]) hold.update(found("path_fault", "ab"), at);
    hold.update(found("path_fault", "ab", "cd"), 10_000);
    hold.update(found("path_fault", "ab"), 15_000);
    expect(names(hold)).toEqual(["ab"]);
    hold.update(found("path_fault", "cd"), 20_000);
    expect(names(hold)).toEqual(["ab"]);
    hold.update(found("path_fault", "cd"), 25_000);
    expect(names(hold)).toEqual(["cd"]);
  });

  it("does not stay with suspects that are found no more, though others never settle", () => {
    const hold = new VerdictHold();
    for (const at of [0, 5000]) hold.update(found("path_loss", "ab"), at);
    for (const [turn, link] of ["cd", "ef", "cd", "ef"].entries()) {
      hold.update(found("path_loss", link), 10_000 + turn * 5000);
    }
    expect(names(hold)).toEqual(["ef"]);
  });

  it("follows the numbers of suspects that stay", () => {
    const hold = new VerdictHold();
    for (const at of [0, 5000]) hold.update(found("path_fault", "ab"), at);
    const later = { ...found("path_fault", "ab"), reason: "more probes" };
    expect(hold.update(later, 10_000)).toBe(false);
    expect(hold.standing).toBe(later);
  });
});
