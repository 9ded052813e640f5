import type { Emit, Exemplar, Family, FamilyHead } from "./family.ts";
import { labelText } from "./label-texts.ts";
import type { PartLayout, SampleBatch } from "./sample-reading.ts";

/** A part as it was at one moment. */
interface StoredPart {
  readonly layout: PartLayout;
  readonly values: Float64Array;
  /** By place in `values`. */
  readonly exemplars: ReadonlyMap<number, Exemplar>;
}

/** Where the samples of one family are in a part. */
interface Span {
  readonly part: StoredPart;
  readonly from: number;
  readonly to: number;
}

/** Keeps the texts of samples that another thread reads, and puts them and its numbers together as families again. */
export class SampleStore {
  readonly #heads: FamilyHead[] = [];
  readonly #layouts: Map<number, PartLayout> = new Map();
  #parts: Map<number, StoredPart> = new Map();

  /** Takes a batch of the reading that is under way. @throws Error for a part whose texts never came */
  add({ heads, parts, counts, values, layouts, exemplars }: SampleBatch): void {
    this.#heads.push(...heads);
    for (const [number, layout] of layouts) this.#layouts.set(number, layout);
    const found = [...exemplars];
    let start = 0;
    let next = 0;
    for (const [index, number] of parts.entries()) {
      const layout = this.#layouts.get(number);
      if (layout === undefined) throw new Error(`the texts of part ${number} never came`);
      const end = start + (counts[index] ?? 0);
      const own = new Map<number, Exemplar>();
      for (; (found[next]?.[0] ?? end) < end; next += 1) {
        const [place, exemplar] = found[next] ?? [];
        if (place !== undefined && exemplar !== undefined) own.set(place - start, exemplar);
      }
      this.#parts.set(number, { layout, values: values.subarray(start, end), exemplars: own });
      start = end;
    }
  }

  /** Drops a reading that came to no end; its texts are known all the same. */
  abandon(): void {
    this.#parts = new Map();
  }

  /** Ends the reading. Parts that it did not have are forgotten. @returns its families, in the order they were first seen */
  finish(): Family[] {
    const parts = this.#parts;
    this.#parts = new Map();
    for (const number of this.#layouts.keys()) {
      if (!parts.has(number)) this.#layouts.delete(number);
    }
    const spans: Span[][] = this.#heads.map(() => []);
    for (const part of parts.values()) {
      let from = 0;
      for (const [index, family] of part.layout.families.entries()) {
        const to = from + (part.layout.samples[index] ?? 0);
        spans[family]?.push({ part, from, to });
        from = to;
      }
    }
    return this.#heads.map((head, index) => familyOf(head, spans[index] ?? []));
  }
}

function familyOf(head: FamilyHead, spans: readonly Span[]): Family {
  return {
    ...head,
    collect(emit: Emit): void {
      for (const span of spans) emitSpan(span, emit);
    },
    *pieces(): Generator<(emit: Emit) => void> {
      for (const span of spans) yield (emit) => emitSpan(span, emit);
    },
  };
}

function emitSpan({ part, from, to }: Span, emit: Emit): void {
  const { labels, suffixes } = part.layout;
  for (let i = from; i < to; i += 1) {
    const value = part.values[i] ?? Number.NaN;
    emit(labelText(labels, i), value, suffixes.get(i), part.exemplars.get(i));
  }
}
