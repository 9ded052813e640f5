import type { Localization } from "../localize/localize.ts";

/** The same steps; where one of them throws, what is told instead of their result takes its place. */
export function* unlessBroken<T>(
  steps: Generator<undefined, T>,
  instead: (error: unknown) => T,
): Generator<undefined, T> {
  try {
    return yield* steps;
  } catch (error) {
    return instead(error);
  }
}

/**
 * What is told of a target whose failures could not be explained because of an error of the program. That says nothing of the network, so
 * that no place is accused.
 */
export function brokenOff(error: unknown): Localization {
  const reason = `The exporter could not work out where packets are lost, because of an error of its own: ${String(error)}. The network has no part in it.`;
  return { verdict: "indeterminate", reason, suspects: [] };
}
