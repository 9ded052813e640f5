import { type Encoding, encoder } from "./exposition-encoding.ts";
import type { Emit, Exemplar, Family } from "./family.ts";
import { sampleValue, withinExemplarLimit } from "./sample-text.ts";

/** `text`: Prometheus text format 0.0.4. `openmetrics`: OpenMetrics 1.0. */
export type ExpositionFormat = "text" | "openmetrics";

/** How {@link render} works. */
export interface RenderOptions {
  /** Told of every family that threw and was left out. */
  readonly onError?: (family: string, error: unknown) => void;
  /** Samples written before other work gets its turn; 1,000 take well under a millisecond. */
  readonly sliceSamples?: number;
  /** Gives other work its turn. */
  readonly pause?: () => Promise<void>;
  /** `identity` unless told. Compressed slice by slice, so that the whole text is never in memory. */
  readonly encoding?: Encoding;
}

/** Samples of one family at one moment; the i-th sample is spread over the arrays. */
interface Snapshot {
  readonly labels: string[];
  readonly values: number[];
  /** Sparse: only histograms have suffixes. */
  readonly suffixes: (string | undefined)[];
  /** Sparse, and empty for formats and types that may not carry exemplars. */
  readonly exemplars: (Exemplar | undefined)[];
}

const SLICE_SAMPLES = 1_000;

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Reads a family in one go, so that its samples belong together even though they are written later; one whose samples stay as they are in
 * pieces, so that those of tens of thousands never stand in memory at once.
 */
function* snapshots(family: Family, exemplarsAllowed: boolean): Generator<Snapshot> {
  for (const collect of family.pieces?.() ?? [(emit: Emit) => family.collect(emit)]) {
    const shot: Snapshot = { labels: [], values: [], suffixes: [], exemplars: [] };
    collect((labels, value, suffix, exemplar) => {
      const i = shot.labels.push(labels) - 1;
      shot.values.push(value);
      if (suffix !== undefined) shot.suffixes[i] = suffix;
      if (exemplarsAllowed && exemplar !== undefined) shot.exemplars[i] = exemplar;
    });
    yield shot;
  }
}

/** OpenMetrics declares a counter without the `_total` that its samples carry. */
function declaredName(family: Family, format: ExpositionFormat): string {
  return format === "openmetrics" && family.type === "counter"
    ? family.name.replace(/_total$/, "")
    : family.name;
}

function head(family: Family, format: ExpositionFormat): string {
  const name = declaredName(family, format);
  const quotes = format === "openmetrics" ? /[\\"\n]/g : /[\\\n]/g;
  const help = family.help.replace(quotes, (c) => (c === "\n" ? "\\n" : `\\${c}`));
  return `# HELP ${name} ${help}\n# TYPE ${name} ${family.type}\n`;
}

/** ` # {labels} value timestamp`, or nothing where the standard forbids it (OpenMetrics 1.0, "Exemplars"). */
function exemplarText(
  family: Family,
  suffix: string | undefined,
  exemplar: Exemplar | undefined,
): string {
  if (exemplar === undefined) return "";
  if (family.type === "histogram" && suffix !== "_bucket") return "";
  if (!withinExemplarLimit(exemplar.labels)) return "";
  const time = Number.isFinite(exemplar.timestamp) ? ` ${exemplar.timestamp}` : "";
  return ` # {${exemplar.labels}} ${sampleValue(exemplar.value)}${time}`;
}

/** Writes samples `from` (inclusive) to `to` (exclusive). */
function lines(family: Family, shot: Snapshot, from: number, to: number): string {
  let text = "";
  for (let i = from; i < to; i++) {
    const labels = shot.labels[i] ?? "";
    const suffix = shot.suffixes[i];
    const name = suffix === undefined ? family.name : family.name + suffix;
    const value = sampleValue(shot.values[i] ?? Number.NaN);
    const exemplar = exemplarText(family, suffix, shot.exemplars[i]);
    text += labels === "" ? `${name} ${value}` : `${name}{${labels}} ${value}`;
    text += `${exemplar}\n`;
  }
  return text;
}

/**
 * Writes families in the given order. A family is read at one moment; writing pauses between slices, so
 * that a large exposition never keeps the process from its packets. A family that throws is left out whole;
 * one without samples is not declared.
 * @returns UTF-8, encoded
 */
export async function render(
  families: readonly Family[],
  format: ExpositionFormat,
  options: RenderOptions = {},
): Promise<Buffer> {
  const slice = options.sliceSamples ?? SLICE_SAMPLES;
  const pause = options.pause ?? nextTurn;
  const encoded = encoder(options.encoding ?? "identity");
  let text = "";
  let room = slice;
  for (const family of families) {
    const shots = snapshots(family, format === "openmetrics" && family.type !== "gauge");
    let isDeclared = false;
    for (let shot = next(shots, family); shot !== undefined; shot = next(shots, family)) {
      const count = shot.labels.length;
      if (count > 0 && !isDeclared) text += head(family, format);
      isDeclared ||= count > 0;
      for (let from = 0; from < count; ) {
        const to = Math.min(count, from + room);
        text += lines(family, shot, from, to);
        room -= to - from;
        from = to;
        if (room > 0) continue;
        await encoded.add(text);
        text = "";
        room = slice;
        await pause();
      }
    }
  }
  return await encoded.end(format === "openmetrics" ? `${text}# EOF\n` : text);

  /** The next samples of a family; undefined after the last, and where it throws. */
  function next(shots: Generator<Snapshot>, { name }: Family): Snapshot | undefined {
    try {
      const shot = shots.next();
      return shot.done === true ? undefined : shot.value;
    } catch (error) {
      options.onError?.(name, error);
      return undefined;
    }
  }
}

/**
 * The one place scrapes go through. Scrapes of one format and encoding that overlap share one rendering; others never
 * share anything, so two scrapers with different wishes both get all.
 */
export class Exposition {
  readonly #gather: () => Promise<readonly Family[]>;
  readonly #options: RenderOptions;
  readonly #inFlight = new Map<string, Promise<Buffer>>();

  /** @param gather the families of one scrape, read anew each time */
  constructor(gather: () => Promise<readonly Family[]>, options: RenderOptions = {}) {
    this.#gather = gather;
    this.#options = options;
  }

  /** Renders everything. Rejects only if the families cannot be gathered. */
  render(format: ExpositionFormat, encoding: Encoding = "identity"): Promise<Buffer> {
    const wish = `${format} ${encoding}`;
    const running = this.#inFlight.get(wish);
    if (running !== undefined) return running;
    const started = this.#run(format, encoding).finally(() => this.#inFlight.delete(wish));
    this.#inFlight.set(wish, started);
    return started;
  }

  async #run(format: ExpositionFormat, encoding: Encoding): Promise<Buffer> {
    return await render(await this.#gather(), format, { ...this.#options, encoding });
  }
}
