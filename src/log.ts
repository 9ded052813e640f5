import type { Clock } from "./clock.ts";

/** Severities in rising order, named as Prometheus names them. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Output encodings: `logfmt` is `key=value`, `json` one object a line. */
export const LOG_FORMATS = ["logfmt", "json"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** What may stand in a log line beside the message. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** One line an event. Handed down, never imported as a global. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** How {@link createLog} writes. */
export interface LogOptions {
  /** Lines below this level are dropped. */
  level: LogLevel;
  format: LogFormat;
  clock: Clock;
  /** Receives whole lines, newline included. */
  write: (line: string) => void;
}

/** Quotes a logfmt value where it holds a space, a quote, an equals sign or a control character. */
function quoted(value: string): string {
  return /^[^\s"=\\]+$/.test(value) ? value : JSON.stringify(value);
}

/** Makes a log; every line carries `ts` (RFC 3339, UTC), `level` and `msg` first. */
export function createLog(options: LogOptions): Log {
  const threshold = LOG_LEVELS.indexOf(options.level);
  const line = (level: LogLevel, message: string, fields: LogFields = {}): void => {
    if (LOG_LEVELS.indexOf(level) < threshold) return;
    const record = {
      ts: new Date(options.clock.wall()).toISOString(),
      level,
      msg: message,
      ...fields,
    };
    const text =
      options.format === "json"
        ? JSON.stringify(record)
        : Object.entries(record)
            .filter(([, value]) => value !== undefined)
            .map(([key, value]) => `${key}=${quoted(String(value))}`)
            .join(" ");
    options.write(`${text}\n`);
  };
  return {
    debug: (message, fields) => line("debug", message, fields),
    info: (message, fields) => line("info", message, fields),
    warn: (message, fields) => line("warn", message, fields),
    error: (message, fields) => line("error", message, fields),
  };
}

/** A log that writes nothing. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
