import { setImmediate } from "node:timers/promises";
import PQueue from "p-queue";

/** Names that are looked up at once, so that a thousand targets do not flood the resolver. */
const LOOKUPS_AT_ONCE = 16;
/** A look-up that takes longer leaves its place to the next: it waits for a server that may never answer. */
const SLOW_MS = 500;

/** The look-ups of names: a bounded number begun at once, the most urgent first, none delayed by silent servers for long. */
export class LookupQueue {
  readonly #queue = new PQueue({ concurrency: LOOKUPS_AT_ONCE });

  /**
   * Runs a task when its turn comes.
   * @param task must not reject
   * @param priority the higher goes first; equal ones in the order in which they came
   * @returns when the task is done
   */
  async add(task: () => Promise<void>, priority: number): Promise<void> {
    const { promise: done, resolve } = withResolver();
    await this.#queue.add(
      async () => {
        // Making a target's flows takes milliseconds; the engine's loop gets its turn between two.
        await setImmediate();
        const running = task().finally(resolve);
        const { promise: isSlow, resolve: goOn } = withResolver();
        const patience = setTimeout(goOn, SLOW_MS).unref();
        await Promise.race([running, isSlow]);
        clearTimeout(patience);
      },
      { priority },
    );
    await done;
  }
}

/** A promise and what resolves it (`Promise.withResolvers` came with Node 22). */
function withResolver(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
