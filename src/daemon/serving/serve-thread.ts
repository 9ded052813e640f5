import { systemClock } from "../../clock.ts";
import { type RunningServer, startServer } from "../../http/server.ts";
import type { Log, LogFields, LogLevel } from "../../log.ts";
import { Asking } from "./asking.ts";
import type { Channel, FromServing, ServingOptions, ToServing } from "./messages.ts";
import { remoteParts } from "./remote-parts.ts";

/**
 * Listens, and serves what the probing thread knows, until it says that this is to end.
 * @param channel to the probing thread
 * @param onMessage calls back with everything that comes from it
 */
export async function serveThread(
  channel: Channel<FromServing>,
  onMessage: (take: (message: ToServing) => void) => void,
  options: ServingOptions,
): Promise<void> {
  const asking = new Asking(channel);
  const log = remoteLog(channel);
  let server: RunningServer | undefined;
  onMessage((message) => {
    if (message.kind !== "close") return asking.take(message);
    void server?.close().then(() => channel.postMessage({ kind: "closed" }));
  });
  try {
    server = await startServer({
      ...options,
      ...remoteParts(asking, systemClock, (family, error) =>
        log.error("metric family failed; omitted from this scrape", {
          family,
          error: String(error),
        }),
      ),
      log,
    });
    channel.postMessage({ kind: "listening", url: server.url });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    channel.postMessage({ kind: "failed", message });
  }
}

/** A log whose lines the other thread writes. */
function remoteLog(channel: Channel<FromServing>): Log {
  const line =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void =>
      channel.postMessage({ kind: "log", level, message, fields });
  return {
    debug: line("debug"),
    info: line("info"),
    warn: line("warn"),
    error: line("error"),
  };
}
