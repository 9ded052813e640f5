/** One line of the text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)",?/g;

/** On a machine with many labs at once the thread that serves has to wait for a processor. */
const ANSWERED_WITHIN_MS = 30_000;

/** Fetches and reads the text format (0.0.4) of an exporter. @throws Error unless it answers 200 */
export async function scrape(url: string): Promise<Metrics> {
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWERED_WITHIN_MS) });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${text}`);
  return new Metrics(parse(text));
}

/** Samples of one scrape. */
export class Metrics {
  readonly #byName = new Map<string, Sample[]>();

  constructor(samples: readonly Sample[]) {
    for (const sample of samples) {
      const family = this.#byName.get(sample.name);
      if (family === undefined) this.#byName.set(sample.name, [sample]);
      else family.push(sample);
    }
  }

  /** All samples of a name that carry at least these labels. */
  series(name: string, labels: Readonly<Record<string, string>> = {}): Sample[] {
    const wanted = Object.entries(labels);
    return (this.#byName.get(name) ?? []).filter((sample) =>
      wanted.every(([key, value]) => sample.labels[key] === value),
    );
  }

  /** The one sample of a name with these labels. @throws Error unless there is exactly one */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number {
    const [first, ...more] = this.series(name, labels);
    if (first === undefined || more.length > 0) {
      const found = first === undefined ? "no" : `${more.length + 1}`;
      throw new Error(`${found} series ${name} ${JSON.stringify(labels)}`);
    }
    return first.value;
  }

  /** Sum over all samples of a name with these labels; 0 if there are none. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    return this.series(name, labels).reduce((total, sample) => total + sample.value, 0);
  }

  /** The samples of a name as lines, for messages. */
  table(name: string): string {
    return this.series(name)
      .map((sample) => `${name} ${JSON.stringify(sample.labels)} ${sample.value}`)
      .join("\n");
  }
}

/** Reads the text format. @throws Error on a line that is none */
export function parse(text: string): Sample[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [, name, labels, value] = LINE.exec(line) ?? [];
      if (name === undefined || value === undefined) throw new Error(`not a sample: ${line}`);
      return { name, labels: parseLabels(labels ?? ""), value: parseValue(value) };
    });
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(LABEL)) {
    if (name !== undefined && value !== undefined) labels[name] = plain(value);
  }
  return labels;
}

function plain(value: string): string {
  return value.replace(/\\(.)/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
}

function parseValue(text: string): number {
  if (text === "+Inf") return Number.POSITIVE_INFINITY;
  return text === "-Inf" ? Number.NEGATIVE_INFINITY : Number(text);
}
