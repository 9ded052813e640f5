/** Types of a metric family that both exposition formats know. */
export type FamilyType = "counter" | "gauge" | "histogram";

/** An exemplar: one observation that stands for its bucket. OpenMetrics allows 128 characters of labels. */
export interface Exemplar {
  /** Rendered label pairs, `source_port="61234",flow_bucket="7"`. */
  readonly labels: string;
  readonly value: number;
  /** Seconds since the Unix epoch. */
  readonly timestamp: number;
}

/**
 * Takes one sample of a family.
 * @param labels rendered label pairs without braces, empty for none
 * @param suffix `_bucket`, `_sum` or `_count` of a histogram; nothing otherwise
 */
export type Emit = (labels: string, value: number, suffix?: string, exemplar?: Exemplar) => void;

/** What a family is declared as. */
export interface FamilyHead {
  /** Full name as in the text format; counters end in `_total`. */
  readonly name: string;
  readonly type: FamilyType;
  readonly help: string;
}

/** A metric family whose samples are read at scrape time, so that what is gone vanishes. */
export interface Family extends FamilyHead {
  collect(emit: Emit): void;
  /** The same piece by piece, where the samples stay as they are meanwhile and need not all be read at one moment. */
  pieces?(): Iterable<(emit: Emit) => void>;
}

/** Escapes a label value as both formats want it: backslash, double quote, line feed. */
function escapeLabelValue(value: string): string {
  return value.replace(/[\\"\n]/g, (c) => (c === "\n" ? "\\n" : `\\${c}`));
}

/** Renders label pairs in the order given: `a="1",b="2"`. */
export function renderLabels(labels: Readonly<Record<string, string | number>>): string {
  let text = "";
  for (const [name, value] of Object.entries(labels)) {
    text += `${text === "" ? "" : ","}${name}="${escapeLabelValue(String(value))}"`;
  }
  return text;
}
