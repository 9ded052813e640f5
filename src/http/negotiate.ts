import type { ExpositionFormat } from "../metrics/exposition.ts";

/** What a scraper gets. */
export interface Negotiated {
  readonly format: ExpositionFormat;
  /** Value of the Content-Type header. */
  readonly contentType: string;
}

/** One element of an Accept header (RFC 9110, 12.5.1); names in lower case. */
interface Range {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly q: number;
}

const TEXT = "text/plain; version=0.0.4; charset=utf-8";
const OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/** Schemes for names outside the classic alphabet. Ours are inside it, so that all of them write the same. */
const ESCAPING_SCHEMES = ["allow-utf-8", "underscores", "dots", "values"];

/** Splits at a separator, but not inside double quotes. */
function split(text: string, separator: "," | ";"): string[] {
  const parts = text.match(
    separator === "," ? /(?:"(?:[^"\\]|\\.)*"|[^,])+/g : /(?:"(?:[^"\\]|\\.)*"|[^;])+/g,
  );
  return (parts ?? []).map((part) => part.trim()).filter((part) => part !== "");
}

/** Weight of an element, 0 to 1; one that is not a number is ignored, as if the element were absent. */
function weight(text: string | undefined): number {
  if (text === undefined) return 1;
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 0;
}

function ranges(header: string): Range[] {
  return split(header, ",").map((element) => {
    const [name = "", ...rest] = split(element, ";");
    const parameters = new Map<string, string>();
    for (const parameter of rest) {
      const [key = "", value = ""] = parameter.split("=", 2);
      parameters.set(key.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, "$1"));
    }
    return { name: name.toLowerCase(), parameters, q: weight(parameters.get("q")) };
  });
}

/** The element that speaks for a format: the most specific one (RFC 9110, 12.5.1), the first among equals. */
function preference(accepted: readonly Range[], type: string, version: string): Range | undefined {
  const [group] = type.split("/");
  for (const name of [type, `${group}/*`, "*/*"]) {
    const fits = accepted.filter(
      (range) =>
        range.name === name &&
        (name !== type || (range.parameters.get("version") ?? version) === version),
    );
    // Among equals the heavier: a scraper may name a type twice with different parameters.
    const best = fits.sort((a, b) => b.q - a.q)[0];
    if (best !== undefined) return best;
  }
  return undefined;
}

/**
 * Chooses the format of `/metrics`. Text is the answer to a missing, empty or unsatisfiable header too: a
 * person with a browser or curl wants to read something. Of equally welcome formats text wins, unless
 * OpenMetrics is named before it.
 */
export function negotiateFormat(accept: string | undefined): Negotiated {
  const accepted = ranges(accept ?? "");
  const text = preference(accepted, "text/plain", "0.0.4");
  const openMetrics = preference(accepted, "application/openmetrics-text", "1.0.0");
  const named = openMetrics !== undefined && openMetrics.name !== "*/*" && openMetrics.q > 0;
  const textFirst =
    text !== undefined &&
    openMetrics !== undefined &&
    (text.q > openMetrics.q ||
      (text.q === openMetrics.q && accepted.indexOf(text) < accepted.indexOf(openMetrics)));
  if (!named || textFirst) return { format: "text", contentType: TEXT };
  const escaping = openMetrics.parameters.get("escaping") ?? "";
  const echoed = ESCAPING_SCHEMES.includes(escaping) ? `; escaping=${escaping}` : "";
  return { format: "openmetrics", contentType: OPENMETRICS + echoed };
}

/** Whether a client takes gzip (RFC 9110, 12.5.3): named, or covered by `*`, with a weight above 0. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const accepted = ranges(acceptEncoding ?? "");
  const named = accepted.find(({ name }) => name === "gzip" || name === "x-gzip");
  const spoken = named ?? accepted.find(({ name }) => name === "*");
  return spoken !== undefined && spoken.q > 0;
}
