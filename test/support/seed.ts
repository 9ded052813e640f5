import { createHash } from "node:crypto";

/**
 * The seed of a random test, printed so that a failure can be repeated: `TEST_SEED=N npx vitest run FILE` runs it with the
 * same numbers. With `CI=true` each test has its own, always the same: a run that fails there fails because of a change.
 * Elsewhere every run draws anew.
 */
export function printedSeed(test: string): number {
  const given = process.env["TEST_SEED"];
  const seed = given === undefined ? drawn(test) : Number(given);
  console.info(`${test}: TEST_SEED=${seed}`);
  return seed;
}

function drawn(test: string): number {
  if (process.env["CI"] === undefined) return Math.floor(Math.random() * 2 ** 31);
  return createHash("sha256").update(test).digest().readUInt32BE() >>> 1;
}
