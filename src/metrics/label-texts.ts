/**
 * Rendered label pairs of many samples. Most label sets belong to several families, so each is kept once; and all are one
 * text, because half a million strings weigh more than what is in them.
 *
 *     text    a="1"a="2"b="x"
 *     ends        5    10   15
 *     places  0 1 0 2            the texts of four samples
 */
export interface LabelTexts {
  readonly text: string;
  /** Where each label set ends in the text. */
  readonly ends: Uint32Array<ArrayBuffer>;
  /** Which label set each sample has. */
  readonly places: Uint32Array<ArrayBuffer>;
}

/** Packs one text a sample. */
export function packLabels(labels: readonly string[]): LabelTexts {
  const known = new Map<string, number>();
  const places = new Uint32Array(labels.length);
  for (const [sample, text] of labels.entries()) {
    let place = known.get(text);
    if (place === undefined) {
      place = known.size;
      known.set(text, place);
    }
    places[sample] = place;
  }
  const ends = new Uint32Array(known.size);
  let end = 0;
  let index = 0;
  for (const text of known.keys()) {
    end += text.length;
    ends[index] = end;
    index += 1;
  }
  return { text: [...known.keys()].join(""), ends, places };
}

/** The text of a sample. */
export function labelText({ text, ends, places }: LabelTexts, sample: number): string {
  const place = places[sample] ?? 0;
  return text.slice(ends[place - 1] ?? 0, ends[place]);
}
