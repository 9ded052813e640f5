import type { IncomingMessage, ServerResponse } from "node:http";
import { type Clock, systemClock } from "../clock.ts";
import type { Log } from "../log.ts";
import { PasswordCheck, readCredentials } from "./basic-auth.ts";
import { TokenBucket } from "./token-bucket.ts";
import type { WebConfig } from "./web-config.ts";

/** Ends a response with one line of text. */
export function refuse(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" });
  response.end(`${sentence}\n`);
}

/**
 * Stands before every route, unknown ones included: reads the web configuration as it is now, then asks the
 * rate limit, sets the headers and asks for user and password, in the order of Prometheus's exporter-toolkit.
 */
export class Guard {
  readonly #config: () => WebConfig;
  readonly #bucket: TokenBucket | undefined;
  readonly #passwords = new PasswordCheck();
  readonly #log: Log;

  /** @param config the configuration of the moment; throws if it cannot be read. The rate limit is taken from it once. */
  constructor(config: () => WebConfig, log: Log, clock: Clock = systemClock) {
    this.#config = config;
    this.#log = log;
    const { rateLimit } = config();
    this.#bucket = rateLimit && new TokenBucket(rateLimit, clock);
  }

  /** True if the request may go on; false if it has been answered. Never rejects. */
  async admit(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    try {
      const config = this.#config();
      if (this.#bucket?.take() === false) {
        refuse(response, 429, "Too many requests: try again later.");
        return false;
      }
      for (const [name, value] of config.headers) response.setHeader(name, value);
      if (config.users.size === 0) return true;
      const given = readCredentials(request.headers.authorization);
      if (given && (await this.#passwords.verify(config.users, given.user, given.password))) {
        return true;
      }
      response.setHeader("www-authenticate", 'Basic realm="ecmp-exporter", charset="UTF-8"');
      refuse(response, 401, "User and password are needed.");
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.error("web configuration unusable, request refused", { reason });
      refuse(response, 500, "The web configuration cannot be used: the log says why.");
    }
    return false;
  }
}
