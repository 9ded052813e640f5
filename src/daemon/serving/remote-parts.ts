import type { Clock } from "../../clock.ts";
import { JsonText } from "../../http/reply.ts";
import type { ReloadResult, RouteParts } from "../../http/routes.ts";
import { Exposition } from "../../metrics/exposition.ts";
import type { Family } from "../../metrics/family.ts";
import { SampleStore } from "../../metrics/sample-store.ts";
import type { Asking } from "./asking.ts";
import { Garbage } from "./garbage.ts";
import { SharedAnswers } from "./shared-answers.ts";

/** A scrape that is larger than this leaves enough behind for its garbage to be collected: 100,000 series, about. */
const LARGE_BYTES = 1_000_000;

/** Everything that the server shows, asked for from the probing thread. */
export function remoteParts(
  asking: Asking,
  clock: Clock,
  onError: (family: string, error: unknown) => void,
): Omit<RouteParts, "telemetryPath"> {
  const samples = new RemoteSamples(asking);
  const exposition = new Exposition(() => samples.read(), { onError });
  const shared = new SharedAnswers<JsonText | undefined>(clock);
  const api = (name: string, argument = ""): Promise<JsonText | undefined> =>
    shared.get(JSON.stringify([name, argument]), async () => {
      const { value, text, spentMs } = await asking.ask({ what: "api", name, argument });
      const found = value === true ? new JsonText(Buffer.from(text.join(""))) : undefined;
      return { value: found, spentMs };
    });
  const value = async (what: "ready" | "reload" | "config"): Promise<unknown> =>
    (await asking.ask({ what })).value;
  const garbage = new Garbage();
  return {
    metrics: async (format, encoding) => {
      const body = await exposition.render(format, encoding);
      // Else what it was made of stays in memory until the next scrape, or the one after it.
      if (body.length > LARGE_BYTES) garbage.collectSoon();
      return body;
    },
    ready: async () => (await value("ready")) === true,
    reload: async () => {
      const result = (await value("reload")) as ReloadResult;
      shared.forget();
      return result;
    },
    configText: async () => String(await value("config")),
    api: {
      status: () => api("status"),
      summary: () => api("summary"),
      targets: () => api("targets"),
      target: (name) => api("target", name),
      history: (name) => api("history", name),
      events: (query) => api("events", JSON.stringify(query)),
    },
  };
}

/** Reads samples for both formats: those who ask while a reading is under way share it. */
class RemoteSamples {
  readonly #asking: Asking;
  readonly #store: SampleStore = new SampleStore();
  #reading: Promise<Family[]> | undefined;

  constructor(asking: Asking) {
    this.#asking = asking;
  }

  read(): Promise<Family[]> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<Family[]> {
    try {
      await this.#asking.ask({ what: "samples" }, (batch) => this.#store.add(batch));
      return this.#store.finish();
    } catch (error) {
      this.#store.abandon();
      throw error;
    }
  }
}
