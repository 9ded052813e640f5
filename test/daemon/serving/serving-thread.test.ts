import { EventEmitter } from "node:events";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { jsonList, jsonText } from "../../../src/daemon/serving/json-pieces.ts";
import type {
  FromServing,
  ServingOptions,
  ToServing,
} from "../../../src/daemon/serving/messages.ts";
import { serveThread } from "../../../src/daemon/serving/serve-thread.ts";
import { ServingThread, type Thread } from "../../../src/daemon/serving/serving-thread.ts";
import { SpareTime } from "../../../src/daemon/serving/spare-time.ts";
import type { ReloadResult } from "../../../src/http/routes.ts";
import type { Log } from "../../../src/log.ts";
import type { Family } from "../../../src/metrics/family.ts";
import type { SamplePart } from "../../../src/metrics/sample-reading.ts";

/** A thread that is none: both ends run here, and what they say to each other is cloned as between threads. */
class ThreadHere extends EventEmitter implements Thread {
  #take: (message: ToServing) => void = () => {};
  #ended = false;

  constructor(options: ServingOptions) {
    super();
    const say = (message: FromServing): void => {
      const cloned = structuredClone(message);
      setImmediate(() => this.#ended || this.emit("message", cloned));
    };
    setImmediate(
      () => void serveThread({ postMessage: say }, (take) => (this.#take = take), options),
    );
  }

  postMessage(message: ToServing): void {
    const cloned = structuredClone(message);
    setImmediate(() => this.#take(cloned));
  }

  /** As if it had thrown. */
  async die(): Promise<void> {
    await new Promise<void>((closed) => {
      this.once("message", () => closed());
      this.#take({ kind: "close" });
    });
    this.#ended = true;
    this.emit("error", new Error("out of memory"));
    this.emit("exit", 1);
  }

  terminate(): Promise<void> {
    if (!this.#ended) {
      this.#ended = true;
      this.emit("exit", 0);
    }
    return Promise.resolve();
  }
}

/** What a test can change of what is served. */
interface Served {
  ready: boolean;
  reload: () => Promise<ReloadResult>;
  targets: readonly string[];
  value: number;
}

const PROBES: Family = { name: "probes_total", type: "counter", help: "P.", collect() {} };

/** A serving thread whose probing thread turns every millisecond. */
async function start(changes: Partial<ServingOptions> = {}) {
  const served: Served = {
    ready: true,
    reload: () => Promise.resolve({ ok: true }),
    targets: ["a", "b/c"],
    value: 1,
  };
  const threads: ThreadHere[] = [];
  const spare = new SpareTime({ monotonic: () => performance.now() });
  const turns = setInterval(() => spare.turn(), 1);
  const errors: string[] = [];
  const say = (message: string): number => errors.push(message);
  const log: Log = { debug() {}, info() {}, warn: say, error: say };
  const serving = await ServingThread.start({
    options: {
      listenAddress: "127.0.0.1:0",
      telemetryPath: "/metrics",
      webConfigFile: undefined,
      version: "1.2.3",
      ...changes,
    },
    source: {
      ready: () => served.ready,
      reload: () => served.reload(),
      configText: () => "targets: []\n",
      telemetry: {
        own: () => Promise.resolve([PROBES]),
        *samples(own, read: (part: SamplePart) => number) {
          for (const key of [own, threads]) {
            const labels = key === own ? 't="1"' : 't="2"';
            read({ key, families: [PROBES], collect: (_, emit) => emit(labels, served.value) });
            yield;
          }
        },
        failed: say,
      },
      api: {
        status: () => jsonText({ version: "1.2.3" }),
        targets: () => jsonList(served.targets, (name) => jsonText({ name })),
        target: (name) => (served.targets.includes(name) ? jsonText({ name }) : undefined),
      },
    },
    spare,
    log,
    start: (options) => {
      const thread = new ThreadHere(options);
      threads.push(thread);
      return thread;
    },
  }).finally(() => onTestFinished(() => clearInterval(turns)));
  onTestFinished(() => serving.close());
  const get = async (path: string, method = "GET") => {
    const response = await fetch(serving.url + path, { method });
    return { status: response.status, body: await response.text() };
  };
  return { serving, served, threads, errors, get };
}

describe("the thread that serves", () => {
  test("shows what the probing thread counts, again and again", async () => {
    const { served, get } = await start();
    const lines = 'probes_total{t="1"} 1\nprobes_total{t="2"} 1\n';
    expect((await get("/metrics")).body).toContain(lines);
    served.value = 2;
    expect((await get("/metrics")).body).toContain(lines.replaceAll(" 1", " 2"));
  });

  test("shows the API, of lists as of single targets", async () => {
    const { get } = await start();
    expect(JSON.parse((await get("/api/v1/targets")).body)).toEqual([
      { name: "a" },
      { name: "b/c" },
    ]);
    expect(await get("/api/v1/targets/b/c")).toEqual({ status: 200, body: '{"name":"b/c"}' });
    expect((await get("/api/v1/targets/z")).status).toBe(404);
  });

  test("asks for readiness, for the configuration and for reloads, and tells what came of them", async () => {
    const { served, get } = await start();
    expect((await get("/-/ready")).status).toBe(200);
    served.ready = false;
    expect((await get("/-/ready")).status).toBe(503);
    expect((await get("/-/healthy")).status).toBe(200);
    expect((await get("/config")).body).toBe("targets: []\n");
    expect((await get("/-/reload", "POST")).status).toBe(200);
    served.reload = () => Promise.resolve({ ok: false, message: "line 3 is wrong" });
    expect(await get("/-/reload", "POST")).toEqual({ status: 500, body: "line 3 is wrong\n" });
    served.reload = () => Promise.reject(new Error("unexpected"));
    expect((await get("/-/reload", "POST")).status).toBe(500);
  });

  test("that cannot listen says why, in the sentence that the server has for it", async () => {
    const { serving } = await start();
    const listenAddress = new URL(serving.url).host;
    await expect(start({ listenAddress })).rejects.toThrow(/cannot listen on .*in use/i);
  });

  test("is started again at the same address when it dies, and that is counted", async () => {
    const { serving, threads, errors, get } = await start();
    const { url } = serving;
    expect((await get("/metrics")).status).toBe(200);
    await threads[0]?.die();
    await vi.waitUntil(
      () =>
        get("/metrics").then(
          ({ status }) => status === 200,
          () => false,
        ),
      {
        timeout: 10_000,
      },
    );
    expect((await get("/metrics")).body).toContain('probes_total{t="2"} 1\n');
    expect(serving.url).toBe(url);
    expect(serving.restarts).toBe(1);
    expect(errors).toEqual(["the serving thread ended; starting it again"]);
  });

  test("is not started again once it is closed", async () => {
    const { serving, threads } = await start();
    await serving.close();
    await expect(fetch(serving.url)).rejects.toThrow();
    expect([threads.length, serving.restarts]).toEqual([1, 0]);
  });
});
