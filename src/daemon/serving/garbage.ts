import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What was asked for has been delivered by then, as a rule, milliseconds. */
const DELIVERED_MS = 1000;

/** The garbage of the thread that it is used in. */
export class Garbage {
  #timer: NodeJS.Timeout | undefined;
  #collect: (() => void) | undefined;

  /** Collects it in a moment, once for all who ask meanwhile: a dozen milliseconds for what a thousand targets leave. */
  collectSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#collect ??= collector();
      this.#collect();
      // What the first has found dead may have held memory outside the heap, which it gives back when it is looked for once more.
      this.#collect();
    }, DELIVERED_MS).unref();
  }
}

/** Node has this for programs that are started with a flag; a context that is made while the flag is set has it too. */
function collector(): () => void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  setFlagsFromString("--no-expose-gc");
  return collect;
}
