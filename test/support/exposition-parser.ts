/** One sample as an exposition shows it. */
export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly exemplar:
    | {
        readonly labels: Readonly<Record<string, string>>;
        readonly value: number;
        readonly timestamp: number | undefined;
      }
    | undefined;
}

/** One family: its declaration, and the samples between it and the next. */
export interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: ParsedSample[];
}

/**
 * A reader of both formats that goes through the text character by character, written from the formats' descriptions
 * and slow. It throws at everything that the descriptions do not allow and that we might get wrong.
 */
export function parseExposition(text: string, format: "text" | "openmetrics"): ParsedFamily[] {
  if (text !== "" && !text.endsWith("\n")) throw new Error("the last line has no line feed");
  const lines = text.split("\n").slice(0, -1);
  if (format === "openmetrics" && lines.pop() !== "# EOF") throw new Error("no # EOF at the end");
  const families: ParsedFamily[] = [];
  let help: { name: string; text: string } | undefined;
  for (const line of lines) {
    if (line.startsWith("# HELP ")) {
      const [, name = "", quoted = ""] = /^# HELP (\S+) (.*)$/.exec(line) ?? [];
      help = { name, text: unescapeText(quoted) };
    } else if (line.startsWith("# TYPE ")) {
      const [, name = "", type = ""] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line) ?? [];
      if (name === "" || help?.name !== name) throw new Error(`bad declaration: ${line}`);
      if (families.some((family) => family.name === name))
        throw new Error(`declared twice: ${name}`);
      families.push({ name, type, help: help.text, samples: [] });
    } else {
      const family = families.at(-1);
      if (family === undefined) throw new Error(`sample before any declaration: ${line}`);
      const sample = parseSample(line, format);
      if (!sampleNames(family, format).includes(sample.name)) {
        throw new Error(`${sample.name} is no sample of ${family.name}`);
      }
      family.samples.push(sample);
    }
  }
  return families;
}

function sampleNames(family: ParsedFamily, format: "text" | "openmetrics"): string[] {
  if (family.type === "histogram") return ["_bucket", "_sum", "_count"].map((s) => family.name + s);
  return [
    format === "openmetrics" && family.type === "counter" ? `${family.name}_total` : family.name,
  ];
}

function unescapeText(text: string): string {
  let result = "";
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== "\\") {
      result += text[i];
      continue;
    }
    i += 1;
    const next = text[i];
    if (next === "n") result += "\n";
    else if (next === "\\" || next === '"') result += next;
    else throw new Error(`bad escape in ${text}`);
  }
  return result;
}

/** Reads `{a="1",b="2"}` from `at`; returns the labels and where the text goes on. */
function parseLabels(line: string, at: number): { labels: Record<string, string>; next: number } {
  const labels: Record<string, string> = {};
  let i = at + 1;
  while (line[i] !== "}") {
    const equals = line.indexOf('="', i);
    const name = line.slice(i, equals);
    if (equals < 0 || !/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name))
      throw new Error(`bad label in ${line}`);
    if (Object.hasOwn(labels, name)) throw new Error(`label ${name} twice in ${line}`);
    let end = equals + 2;
    while (line[end] !== '"') {
      if (end >= line.length) throw new Error(`open quote in ${line}`);
      end += line[end] === "\\" ? 2 : 1;
    }
    labels[name] = unescapeText(line.slice(equals + 2, end));
    i = end + 1;
    if (line[i] === ",") i += 1;
    else if (line[i] !== "}") throw new Error(`bad end of label in ${line}`);
  }
  return { labels, next: i + 1 };
}

function parseNumber(text: string): number {
  if (text === "+Inf") return Number.POSITIVE_INFINITY;
  if (text === "-Inf") return Number.NEGATIVE_INFINITY;
  if (text === "NaN") return Number.NaN;
  if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text)) throw new Error(`not a number: ${text}`);
  return Number(text);
}

function parseSample(line: string, format: "text" | "openmetrics"): ParsedSample {
  const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0] ?? "";
  let at = name.length;
  let labels: Record<string, string> = {};
  if (line[at] === "{") ({ labels, next: at } = parseLabels(line, at));
  if (name === "" || line[at] !== " ") throw new Error(`bad sample: ${line}`);
  const rest = line.slice(at + 1);
  const mark = rest.indexOf(" # ");
  if (mark < 0) return { name, labels, value: parseNumber(rest), exemplar: undefined };
  if (format === "text") throw new Error(`exemplar in the text format: ${line}`);
  if (rest[mark + 3] !== "{") throw new Error(`bad exemplar: ${line}`);
  const inside = parseLabels(rest, mark + 3);
  const [value = "", timestamp, ...more] = rest.slice(inside.next + 1).split(" ");
  if (more.length > 0) throw new Error(`bad exemplar: ${line}`);
  const time = timestamp === undefined ? undefined : parseNumber(timestamp);
  const exemplar = { labels: inside.labels, value: parseNumber(value), timestamp: time };
  return { name, labels, value: parseNumber(rest.slice(0, mark)), exemplar };
}
