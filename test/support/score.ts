import type { Localization } from "../../src/localize/localize.ts";
import { FAULT_KINDS, type GeneratedCase } from "./generated-case.ts";

/** Counts of one kind of fault; the ratios follow from them. */
export interface Tally {
  cases: number;
  suspects: number;
  right: number;
  faults: number;
  found: number;
  verdicts: number;
}

/** Scores by kind of fault, and for `all` of them together. */
export class Score {
  readonly tallies: Map<string, Tally> = new Map();
  /** Suspects with a confidence of 0.9 and more, and those of them that are right. */
  readonly confident: { named: number; right: number } = { named: 0, right: 0 };
  /** Suspects by tenth of confidence: named and right. */
  readonly tenths: { named: number; right: number }[] = Array.from({ length: 10 }, () => ({
    named: 0,
    right: 0,
  }));

  /** Whether the answer is right in all respects. */
  add(generated: GeneratedCase, answer: Localization): boolean {
    const { faults } = generated;
    const found = new Set<number>();
    let right = 0;
    for (const suspect of answer.suspects) {
      const fault = faults.findIndex(({ segment, links, either }) =>
        suspect.segment === "forward"
          ? segment === "forward" && links.has(`${suspect.from}>${suspect.to}`)
          : suspect.segment === segment || either,
      );
      // More than two links for one router are noise.
      const named = answer.suspects
        .slice(0, answer.suspects.indexOf(suspect))
        .filter((other) => faults[fault]?.links.has(`${other.from}>${other.to}`)).length;
      const good = fault >= 0 && named < 2;
      if (fault >= 0) {
        found.add(fault);
      }
      right += good ? 1 : 0;
      const tenth = this.tenths[Math.min(9, Math.floor(suspect.confidence * 10))];
      if (tenth) {
        tenth.named += 1;
        tenth.right += good ? 1 : 0;
      }
      if (suspect.confidence >= 0.9) {
        this.confident.named += 1;
        this.confident.right += good ? 1 : 0;
      }
    }
    const verdict = answer.verdict === generated.verdict;
    for (const name of [generated.kind, "all"]) {
      const tally = this.of(name);
      tally.cases += 1;
      tally.suspects += answer.suspects.length;
      tally.right += right;
      tally.faults += faults.length;
      tally.found += found.size;
      tally.verdicts += verdict ? 1 : 0;
    }
    return verdict && right === answer.suspects.length && found.size === faults.length;
  }

  /** Counts of a kind, zero before its first case. */
  of(name: string): Tally {
    const tally = this.tallies.get(name) ?? {
      cases: 0,
      suspects: 0,
      right: 0,
      faults: 0,
      found: 0,
      verdicts: 0,
    };
    this.tallies.set(name, tally);
    return tally;
  }

  precision(name: string): number {
    const { right, suspects } = this.of(name);
    return suspects === 0 ? 1 : right / suspects;
  }

  recall(name: string): number {
    const { found, faults } = this.of(name);
    return faults === 0 ? 1 : found / faults;
  }

  rightVerdicts(name: string): number {
    const { verdicts, cases } = this.of(name);
    return verdicts / Math.max(1, cases);
  }

  /** The table, one kind a line. */
  table(): string {
    const rows = [...FAULT_KINDS, "all"].map((name) => {
      const figures = [this.precision(name), this.recall(name), this.rightVerdicts(name)];
      return `${name.padEnd(20)} ${figures.map((figure) => figure.toFixed(3).padStart(9)).join(" ")}`;
    });
    const { right, named } = this.confident;
    return [
      `${"fault".padEnd(20)} ${["precision", "recall", "verdict"].map((head) => head.padStart(9)).join(" ")}`,
      ...rows,
      `right by tenth of confidence: ${this.tenths.map((tenth) => `${tenth.right}/${tenth.named}`).join(" ")}`,
      `right of suspects with confidence 0.9 and more: ${(right / Math.max(1, named)).toFixed(3)} (${named})`,
    ].join("\n");
  }
}
