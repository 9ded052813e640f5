import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { Log } from "../../log.ts";
import { type AnswerSource, Answers } from "./answers.ts";
import type { FromServing, ServingOptions, ToServing } from "./messages.ts";
import type { SpareTime } from "./spare-time.ts";

/** A thread that ended is started again after this long, and twice as long each time that it cannot listen, milliseconds. */
const RESTART_MS = 500;
const LONGEST_RESTART_MS = 30_000;
/** What is left of the thread is cut off when it has not closed by then, milliseconds. */
const CLOSE_MS = 1_500;

/**
 * What the thread may fill before its garbage is looked for, in three parts of the same size: a scrape leaves hundreds of megabytes behind
 * that die at once, and with the room of the JavaScript engine's own choice 32 of them stay in memory.
 */
const YOUNG_MEGABYTES = 12;

/** A thread of this program; {@link Worker} has this and more. */
export interface Thread {
  postMessage(message: ToServing, transfer?: readonly ArrayBuffer[]): void;
  on(event: "message", take: (message: FromServing) => void): unknown;
  on(event: "error", take: (error: Error) => void): unknown;
  on(event: "exit", take: (code: number) => void): unknown;
  terminate(): Promise<unknown>;
}

/** What the serving thread is run with. */
export interface ServingThreadParts {
  readonly options: ServingOptions;
  readonly source: AnswerSource;
  readonly spare: SpareTime;
  readonly log: Log;
  /** Starts a thread; of this program unless told. */
  readonly start?: (options: ServingOptions) => Thread;
}

/** Starts the thread. Its file has the ending of this one, compiled or not. */
function startWorker(workerData: ServingOptions): Thread {
  const file = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);
  const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_MEGABYTES };
  return new Worker(file, { workerData, name: "serving", resourceLimits }) as unknown as Thread;
}

/**
 * The thread that listens, renders, compresses and checks passwords, seen from the thread that probes: whatever clients do,
 * probes go on. A thread that dies is started again at the same address.
 */
export class ServingThread {
  readonly #parts: ServingThreadParts;
  #thread: Thread;
  #url: string;
  #restarts = 0;
  #delayMs = RESTART_MS;
  #ending: Promise<void> | undefined;
  #restarting: NodeJS.Timeout | undefined;
  #closed: () => void = () => {};

  private constructor(parts: ServingThreadParts, thread: Thread, url: string) {
    this.#parts = parts;
    this.#thread = thread;
    this.#url = url;
  }

  /**
   * Starts it and waits until it listens.
   * @throws Error with the sentence that says why it cannot
   */
  static async start(parts: ServingThreadParts): Promise<ServingThread> {
    const started = begin(parts, parts.options);
    const url = await started.listening;
    const serving = new ServingThread(parts, started.thread, url);
    serving.#watch(started);
    return serving;
  }

  /** Where the server can be reached from this host, `http://127.0.0.1:10190`. */
  get url(): string {
    return this.#url;
  }

  /** How often the thread had to be started again. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Stops listening, lets requests in flight finish for a moment, then ends the thread. */
  close(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    clearTimeout(this.#restarting);
    let patience: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      patience = setTimeout(resolve, CLOSE_MS);
      this.#closed = resolve;
      this.#thread.postMessage({ kind: "close" });
    });
    clearTimeout(patience);
    await this.#thread.terminate();
  }

  #watch({ thread, ended, closed }: Started): void {
    this.#thread = thread;
    void closed.then(() => this.#closed());
    void ended.then((reason) => {
      this.#closed();
      if (this.#ending !== undefined) return;
      this.#restarts += 1;
      this.#parts.log.error("the serving thread ended; starting it again", { reason });
      this.#restarting = setTimeout(() => void this.#restart(), this.#delayMs);
    });
  }

  async #restart(): Promise<void> {
    // The port that the kernel chose is the one that scrapers know by now.
    const port = new URL(this.#url).port;
    const { options } = this.#parts;
    const listenAddress = options.listenAddress.replace(/:0$/, `:${port}`);
    const started = begin(this.#parts, { ...options, listenAddress });
    this.#thread = started.thread;
    try {
      await started.listening;
      this.#delayMs = RESTART_MS;
    } catch (error) {
      this.#delayMs = Math.min(2 * this.#delayMs, LONGEST_RESTART_MS);
      // It has ended or will: there is nothing that it could serve.
      this.#parts.log.error("the serving thread cannot listen", { reason: String(error) });
    }
    this.#watch(started);
  }
}

/** A thread that has been started. */
interface Started {
  readonly thread: Thread;
  /** Its URL; rejects where it cannot listen. */
  readonly listening: Promise<string>;
  /** It has closed what it listened on. */
  readonly closed: Promise<void>;
  /** It has ended; the reason. */
  readonly ended: Promise<string>;
}

function begin(parts: ServingThreadParts, options: ServingOptions): Started {
  const { source, spare, log, start = startWorker } = parts;
  const thread = start(options);
  const answers = new Answers(source, spare, {
    postMessage: (message, transfer) => thread.postMessage(message, transfer),
  });
  const { promise: listening, resolve: listens, reject } = deferred<string>();
  const { promise: closed, resolve: closes } = deferred<void>();
  const { promise: ended, resolve: ends } = deferred<string>();
  // Whoever waits for it hears of it; a thread that ends later has listened before.
  listening.catch(() => {});
  thread.on("message", (message) => {
    switch (message.kind) {
      case "ask":
        void answers.answer(message.id, message.asked);
        return;
      case "listening":
        listens(message.url);
        return;
      case "failed":
        reject(new Error(message.message));
        void thread.terminate();
        return;
      case "closed":
        closes();
        return;
      case "log":
        log[message.level](message.message, message.fields);
    }
  });
  let failure: Error | undefined;
  thread.on("error", (error) => {
    failure = error;
  });
  thread.on("exit", (code) => {
    const reason = failure === undefined ? `exit code ${code}` : String(failure);
    reject(failure ?? new Error(`the serving thread ended: ${reason}`));
    ends(reason);
  });
  return { thread, listening, closed, ended };
}

function deferred<T>(): {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
} {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
