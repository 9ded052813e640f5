/**
 * The seed of a random test, printed so that a failure can be repeated: `TEST_SEED=N npx vitest run FILE` runs it with the
 * same numbers.
 */
export function printedSeed(test: string): number {
  const given = process.env["TEST_SEED"];
  const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
  console.info(`${test}: TEST_SEED=${seed}`);
  return seed;
}
