import type { ServerResponse } from "node:http";
import type { ExpositionFormat } from "../metrics/exposition.ts";
import type { Encoding } from "../metrics/exposition-encoding.ts";
import { acceptsGzip, negotiateFormat } from "./negotiate.ts";
import type { Reply } from "./reply.ts";

/** Gives the whole exposition: as text, or as bytes in the encoding that is asked for. */
export type MetricsSource = (
  format: ExpositionFormat,
  encoding: Encoding,
) => Promise<Buffer | string>;

/** Limits of scraping. */
export interface ScrapeLimits {
  /** Scrapes whose response is not yet delivered; more get 503. */
  readonly inFlight: number;
  /** A response that is not delivered by then is cut off: a reader that dawdles would hold its memory for ever. */
  readonly deliveryMs: number;
}

/** Answers scrapes, counting those in flight. */
export class Scrapes {
  readonly #metrics: MetricsSource;
  readonly #limits: ScrapeLimits;
  #inFlight = 0;

  constructor(metrics: MetricsSource, limits: ScrapeLimits) {
    this.#metrics = metrics;
    this.#limits = limits;
  }

  /** Claims a place until the response has ended, one way or the other; false if there is none, or nobody waits. */
  enter(response: ServerResponse): boolean {
    // The client may have gone while its password was checked: no end of the response would free the place.
    if (response.destroyed) return false;
    if (this.#inFlight >= this.#limits.inFlight) return false;
    this.#inFlight += 1;
    const deadline = setTimeout(() => response.destroy(), this.#limits.deliveryMs);
    deadline.unref();
    response.once("close", () => {
      clearTimeout(deadline);
      this.#inFlight -= 1;
    });
    return true;
  }

  /** Renders what the request's headers ask for. Rejects if there is nothing to show. */
  async answer(accept: string | undefined, acceptEncoding: string | undefined): Promise<Reply> {
    const { format, contentType } = negotiateFormat(accept);
    const headers = { "content-type": contentType, vary: "Accept, Accept-Encoding" };
    const encoding = acceptsGzip(acceptEncoding) ? "gzip" : "identity";
    const rendered = await this.#metrics(format, encoding);
    if (typeof rendered === "string") return { status: 200, headers, body: Buffer.from(rendered) };
    const encoded = encoding === "identity" ? {} : { "content-encoding": encoding };
    return { status: 200, headers: { ...headers, ...encoded }, body: rendered };
  }
}
