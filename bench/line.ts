/** How thoroughly a line is measured. */
export interface Effort {
  /** Measurements whose median is told. */
  readonly rounds: number;
  /** Seconds of one measurement. */
  readonly seconds: number;
  /** Only to see that the line works: its figures say little, and large loads are left out. */
  readonly quick: boolean;
}

/** A row of the table. */
export interface Row {
  /** What was measured, and at which load. */
  readonly what: string;
  /** What the exporter took, with units. */
  readonly measured: string;
  /** What others took in the same run; empty where nothing is beside it. */
  readonly beside?: string;
  /** What it has to keep to; empty where the figure is told only. */
  readonly bound?: string;
  /** Whether it did; absent without a bound. */
  readonly kept?: boolean;
}

/** Something that is measured by itself: `npm run bench -- NAME` runs it alone. */
export interface Line {
  readonly name: string;
  /** What it measures, for `npm run bench -- --list`. */
  readonly about: string;
  /** It is ended as failed after this, minutes. */
  readonly limitMinutes: number;
  /** @throws Error with a sentence where it cannot be measured, which counts as failed */
  readonly run: (effort: Effort) => Promise<readonly Row[]>;
}
