import assert from "node:assert/strict";
import {
  FOUND_WITHIN_MS,
  HEALED_WITHIN_MS,
  LOSS_FOUND_WITHIN_MS,
  type VerdictFacts,
} from "./verdict-case.ts";
import type { Breakage } from "./verdict-networks.ts";

/** Holds what was seen of one fault against the contract. @throws AssertionError with the timeline */
export function judgeVerdict(facts: VerdictFacts, { verdict }: Breakage): void {
  const limit = verdict === "path_loss" ? LOSS_FOUND_WITHIN_MS : FOUND_WITHIN_MS;
  const log = `\n${facts.timeline}`;
  assert.ok(
    facts.foundAfter * 1000 <= limit,
    `verdict ${verdict} and its suspects are right within ${limit / 1000} s, took ${facts.foundAfter}${log}`,
  );
  assert.ok(
    facts.healedAfter * 1000 <= HEALED_WITHIN_MS,
    `healthy without suspects within ${HEALED_WITHIN_MS / 1000} s, took ${facts.healedAfter}${log}`,
  );
}

/** The reason agrees with the flows at every look. @throws AssertionError with the looks where it did not */
export function judgeReasons({ contradictions }: VerdictFacts): void {
  assert.deepEqual(contradictions, []);
}

/** What was seen, in a line of a table. */
export function briefVerdict(network: string, { name }: Breakage, facts: VerdictFacts): string {
  const cell = (seconds: number) => seconds.toFixed(0).padStart(8);
  return `${network.padEnd(16)} ${name.padEnd(28)}${cell(facts.foundAfter)}${cell(facts.healedAfter)}${cell(facts.wrongFor)}${cell(facts.otherFor)}`;
}
