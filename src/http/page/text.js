// How values are written. No document, no clock of its own.

/** Characters that show nothing or turn the direction of what follows: a name with them could pose as another. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The text with control and direction characters written out as `\u202e`; line feeds and tabs stay. */
export function readable(text) {
  return text.replace(UNSEEN, (one) =>
    one === "\n" || one === "\t" ? one : `\\u${one.codePointAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A share of 1 as per cent: `12 %`, `0.4 %`; what is not quite nothing or all is never written as such. */
export function percent(share) {
  if (share === null || share === undefined) return "–";
  const value = share * 100;
  if (value === 0 || value === 100) return `${value} %`;
  if (value < 0.1) return "< 0.1 %";
  if (value > 99.9) return "> 99.9 %";
  return `${value < 10 || value > 90 ? Number(value.toFixed(1)) : Math.round(value)} %`;
}

/** Seconds as milliseconds with three significant digits. */
export function milliseconds(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  return `${Number((seconds * 1000).toPrecision(3))} ms`;
}

/** How long ago something was: `12 s ago`, `3 min ago`, `2 h ago`. @param {number} seconds */
export function ago(seconds) {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s ago`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min ago`;
  return seconds < 172_800
    ? `${Math.round(seconds / 3600)} h ago`
    : `${Math.round(seconds / 86_400)} d ago`;
}

/** A time of day in UTC, to the second. @param {number} time milliseconds since the Unix epoch */
export function clockTime(time) {
  return `${new Date(time).toISOString().slice(11, 19)} UTC`;
}

/** A moment in UTC, to the second. @param {number} time milliseconds since the Unix epoch */
export function dateTime(time) {
  return `${new Date(time).toISOString().slice(0, 10)} ${clockTime(time)}`;
}

/** An address with its port; IPv6 addresses need brackets for that. Port 0 is none. */
export function endpoint({ address, port }) {
  if (!address) return "no address";
  if (!port) return address;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** A number with its noun: `1 flow`, `8 flows`. */
export function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** Verdicts, the worst first: how each is said, and the sign that stands for it where colour cannot be seen. */
export const VERDICTS = [
  { verdict: "target_down", words: "Target down", sign: "✕", level: "bad" },
  { verdict: "source_fault", words: "Fault at the exporter", sign: "!", level: "bad" },
  { verdict: "path_fault", words: "Path broken", sign: "✕", level: "bad" },
  { verdict: "path_loss", words: "Path loses packets", sign: "~", level: "warn" },
  { verdict: "path_slow", words: "Path slow", sign: "~", level: "warn" },
  { verdict: "indeterminate", words: "Not known yet", sign: "?", level: "unknown" },
  { verdict: "healthy", words: "Healthy", sign: "✓", level: "good" },
];

/** How a verdict is shown; one that is not known is shown by its name. */
export function verdictOf(verdict) {
  const known = VERDICTS.find((row) => row.verdict === verdict);
  return known ?? { verdict, words: verdict, sign: "?", level: "unknown" };
}
