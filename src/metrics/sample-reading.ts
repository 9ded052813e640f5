import type { Emit, Exemplar, FamilyHead } from "./family.ts";
import { type LabelTexts, packLabels } from "./label-texts.ts";

/** Samples that are read in one go: of one target, or of the exporter itself. */
export interface SamplePart {
  /** The same object for as long as it is the same thing. */
  readonly key: object;
  readonly families: readonly FamilyHead[];
  /** Called before the families are read. */
  begin?(): void;
  /** Emits the samples of the family at this place of `families`. */
  collect(index: number, emit: Emit): void;
}

/** What the samples of a part are called. */
export interface PartLayout {
  /** Places of the families in the list of all heads, each with how many samples it has here. */
  readonly families: readonly number[];
  readonly samples: readonly number[];
  readonly labels: LabelTexts;
  /** Suffixes of the samples that have one, by place. */
  readonly suffixes: ReadonlyMap<number, string>;
}

/** Some parts as they were at one moment: numbers always, texts only where they have changed since the last reading. */
export interface SampleBatch {
  /** Families seen for the first time; places in the list of all heads go on counting. */
  readonly heads: readonly FamilyHead[];
  /** The parts by number, in order. */
  readonly parts: readonly number[];
  /** How many of `values` each part has. */
  readonly counts: readonly number[];
  readonly values: Float64Array<ArrayBuffer>;
  /** New texts, by the number of the part. */
  readonly layouts: ReadonlyMap<number, PartLayout>;
  /** By place in `values`. */
  readonly exemplars: ReadonlyMap<number, Exemplar>;
}

/** The same with its labels as they were emitted: the i-th text belongs to the i-th value. */
type EmittedLayout = Omit<PartLayout, "labels"> & { readonly labels: readonly string[] };

/** A layout while it is read. */
interface Emitted {
  readonly families: number[];
  readonly samples: number[];
  readonly labels: string[];
  readonly suffixes: Map<number, string>;
}

/** A part of which the reader of the batches knows the texts. */
interface KnownPart {
  readonly number: number;
  layout: EmittedLayout | undefined;
}

/**
 * Reads samples part by part for somebody in another thread who keeps the texts. Of a series that has not changed its
 * labels a reading costs a comparison of references and a copied number, not a string.
 */
export class SampleReading {
  readonly #onError: (family: string, error: unknown) => void;
  readonly #known: WeakMap<object, KnownPart> = new WeakMap();
  readonly #heads: Map<string, number> = new Map();
  readonly #places: WeakMap<readonly FamilyHead[], readonly number[]> = new WeakMap();
  #parts = 0;
  #newHeads: FamilyHead[] = [];
  #batch = emptyBatch();
  #values: Float64Array<ArrayBuffer> = new Float64Array(4096);
  #length = 0;
  /** What a part emits, until it is known whether its texts are the same as before: nearly always, so that lists of its own are made when not. */
  readonly #emitted: Emitted = { families: [], samples: [], labels: [], suffixes: new Map() };

  /** @param onError told of a family that threw and was left out */
  constructor(onError: (family: string, error: unknown) => void = () => {}) {
    this.#onError = onError;
  }

  /** Adds the samples of a part to the batch. @returns how many they are */
  read(part: SamplePart): number {
    const start = this.#length;
    clear(this.#emitted);
    part.begin?.();
    const known = this.#partOf(part.key);
    const { labels, suffixes, families, samples } = this.#emitted;
    const exemplars: [number, Exemplar][] = [];
    const emit: Emit = (text, value, suffix, exemplar) => {
      if (suffix !== undefined) suffixes.set(labels.length, suffix);
      if (exemplar !== undefined) exemplars.push([labels.length, exemplar]);
      this.#push(value);
      labels.push(text);
    };
    const places = this.#placesOf(part.families);
    for (const [index, head] of part.families.entries()) {
      const before = labels.length;
      try {
        part.collect(index, emit);
      } catch (error) {
        this.#onError(head.name, error);
        labels.length = before;
        this.#length = start + before;
        while ((exemplars.at(-1)?.[0] ?? -1) >= before) exemplars.pop();
        for (const place of [...suffixes.keys()]) if (place >= before) suffixes.delete(place);
      }
      if (labels.length === before) continue;
      families.push(places[index] ?? 0);
      samples.push(labels.length - before);
    }
    for (const [place, exemplar] of exemplars) this.#batch.exemplars.set(start + place, exemplar);
    this.#batch.parts.push(known.number);
    this.#batch.counts.push(labels.length);
    if (known.layout === undefined || !alike(known.layout, this.#emitted)) {
      const layout = copyOf(this.#emitted);
      known.layout = layout;
      this.#batch.layouts.set(known.number, { ...layout, labels: packLabels(labels) });
    }
    return labels.length;
  }

  /** What was read since the last call. */
  take(): SampleBatch {
    const batch = {
      ...this.#batch,
      heads: this.#newHeads,
      values: this.#values.slice(0, this.#length),
    };
    this.#batch = emptyBatch();
    this.#newHeads = [];
    this.#length = 0;
    return batch;
  }

  #push(value: number): void {
    if (this.#length === this.#values.length) {
      const wider = new Float64Array(2 * this.#length);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  #partOf(key: object): KnownPart {
    let known = this.#known.get(key);
    if (known === undefined) {
      known = { number: this.#parts, layout: undefined };
      this.#parts += 1;
      this.#known.set(key, known);
    }
    return known;
  }

  /** Places of families, those without samples included, so that families are shown in the order of the parts. */
  #placesOf(families: readonly FamilyHead[]): readonly number[] {
    let places = this.#places.get(families);
    if (places === undefined) {
      places = families.map((head) => this.#placeOf(head));
      this.#places.set(families, places);
    }
    return places;
  }

  #placeOf({ name, type, help }: FamilyHead): number {
    const known = this.#heads.get(name);
    if (known !== undefined) return known;
    const place = this.#heads.size;
    this.#heads.set(name, place);
    this.#newHeads.push({ name, type, help });
    return place;
  }
}

function emptyBatch(): {
  parts: number[];
  counts: number[];
  layouts: Map<number, PartLayout>;
  exemplars: Map<number, Exemplar>;
} {
  return { parts: [], counts: [], layouts: new Map(), exemplars: new Map() };
}

function sameItems<T>(one: readonly T[], other: readonly T[]): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i += 1) if (one[i] !== other[i]) return false;
  return true;
}

function alike(one: EmittedLayout, other: EmittedLayout): boolean {
  return (
    sameItems(one.families, other.families) &&
    sameItems(one.samples, other.samples) &&
    sameItems(one.labels, other.labels) &&
    sameSuffixes(one.suffixes, other.suffixes)
  );
}

function sameSuffixes(
  one: ReadonlyMap<number, string>,
  other: ReadonlyMap<number, string>,
): boolean {
  if (one.size !== other.size) return false;
  for (const [place, suffix] of one) if (other.get(place) !== suffix) return false;
  return true;
}

function copyOf({ families, samples, labels, suffixes }: Emitted): EmittedLayout {
  return {
    families: families.slice(),
    samples: samples.slice(),
    labels: labels.slice(),
    suffixes: new Map(suffixes),
  };
}

function clear({ families, samples, labels, suffixes }: Emitted): void {
  families.length = 0;
  samples.length = 0;
  labels.length = 0;
  suffixes.clear();
}
