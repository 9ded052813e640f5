import type { IncomingMessage, ServerResponse } from "node:http";
import { type Clock, systemClock } from "../clock.ts";
import type { Log } from "../log.ts";
import { TokenBucket } from "../probe/token-bucket.ts";
import { readCredentials } from "./basic-auth.ts";
import { commonCost, costsOf, PasswordCheck } from "./password-check.ts";
import { peerNetwork } from "./peer.ts";
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
  readonly #clock: Clock;
  readonly #passwords = new PasswordCheck();
  readonly #log: Log;
  #warnedOf: WebConfig["users"] | undefined;

  /** @param config the configuration of the moment; throws if it cannot be read. The rate limit is taken from it once. */
  constructor(config: () => WebConfig, log: Log, clock: Clock = systemClock) {
    this.#config = config;
    this.#log = log;
    const { rateLimit } = config();
    this.#clock = clock;
    this.#bucket = rateLimit && new TokenBucket(rateLimit, clock.monotonic());
  }

  /** True if the request may go on; false if it has been answered. Never rejects. */
  async admit(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    try {
      const config = this.#config();
      if (this.#bucket?.take(this.#clock.monotonic()) === false) {
        refuse(response, 429, "Too many requests: try again later.");
        return false;
      }
      for (const [name, value] of config.headers) response.setHeader(name, value);
      if (config.users.size === 0) return true;
      this.#warnOfCosts(config);
      if (await this.#loggedIn(config, request, response)) return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.error("invalid web configuration; request refused", { reason });
      refuse(response, 500, "The web configuration is invalid: see the log.");
    }
    return false;
  }

  /** Whether the request carries a right login; if not, it has been answered, or its client has gone. */
  async #loggedIn(
    { users }: WebConfig,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<boolean> {
    const credentials = readCredentials(request.headers.authorization);
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const peer = peerNetwork(request.socket);
    const result =
      credentials &&
      (await this.#passwords.verify(users, { ...credentials, peer, signal: gone.signal }));
    if (result === "right") return true;
    if (result === "limited") {
      response.setHeader("retry-after", "1");
      refuse(response, 429, "Too many wrong logins from this address: try again later.");
    } else if (result !== "abandoned") {
      response.setHeader("www-authenticate", 'Basic realm="ecmp-exporter", charset="UTF-8"');
      refuse(response, 401, "User name and password required.");
    }
    return false;
  }

  /** Says once for each set of users that some of them can be found out. */
  #warnOfCosts({ users }: WebConfig): void {
    if (users === this.#warnedOf) return;
    this.#warnedOf = users;
    const costs = costsOf(users);
    if (costs.length < 2) return;
    this.#log.warn("bcrypt costs of users differ: the time of a wrong login tells them apart", {
      costs: costs.join(","),
      unknown_users: commonCost(users),
    });
  }
}
