// Grafana's own data code, as its front end runs it. It is made for a browser: it looks for a window when it is loaded,
// and for the reader's language when it formats.
import { createRequire } from "node:module";
import type { Transformation } from "./committed.ts";

/** A column of a frame. `name` is what panels look for, `config.displayName` what renaming sets. */
export interface Field {
  readonly name: string;
  readonly type: "time" | "number" | "string";
  readonly values: readonly (number | string | null)[];
  readonly config: Readonly<Record<string, unknown>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The answer of a query, or what transformations make of several. */
export interface Frame {
  readonly refId?: string;
  readonly name?: string;
  readonly fields: readonly Field[];
  readonly length: number;
}

interface Transformer {
  readonly id: string;
  readonly name: string;
}

/** What is used of `@grafana/data`; its own declarations need those of a browser. */
interface GrafanaData {
  readonly toDataFrame: (data: unknown) => Frame;
  readonly transformDataFrame: (
    steps: readonly Transformation[],
    frames: readonly Frame[],
  ) => {
    subscribe(observer: { next(frames: Frame[]): void; error(problem: unknown): void }): void;
  };
  readonly standardTransformers: Readonly<Record<string, Transformer>>;
  readonly standardTransformersRegistry: { setInit(list: () => unknown[]): void };
  readonly getFieldDisplayName: (field: Field, frame: Frame) => string;
  readonly getValueFormat: (unit: string) => (value: number) => unknown;
  readonly formattedValueToString: (value: unknown) => string;
  readonly getValueFormats: () => { readonly submenu: readonly { readonly value: string }[] }[];
}

/** Grafana's transformations, units and names. */
export class Grafana {
  readonly #data: GrafanaData;

  private constructor(data: GrafanaData) {
    this.#data = data;
  }

  /** Loads it, in about a second. */
  static load(): Grafana {
    const browser = { window: {}, navigator: { language: "en", languages: ["en"] } };
    for (const [name, value] of Object.entries(browser)) {
      if (!(name in globalThis)) Object.defineProperty(globalThis, name, { value });
    }
    const data = createRequire(import.meta.url)("@grafana/data") as GrafanaData;
    // Some are listed under a second name as well.
    const byId = new Map(Object.values(data.standardTransformers).map((one) => [one.id, one]));
    data.standardTransformersRegistry.setInit(() =>
      [...byId.values()].map((transformation) => ({ ...transformation, transformation })),
    );
    return new Grafana(data);
  }

  /** A frame of these fields. */
  frame(refId: string, fields: readonly Field[]): Frame {
    return this.#data.toDataFrame({ refId, fields });
  }

  /** What a panel gets to see of frames. */
  transformed(steps: readonly Transformation[], frames: readonly Frame[]): Promise<Frame[]> {
    return new Promise((resolve, reject) => {
      this.#data.transformDataFrame(steps, frames).subscribe({ next: resolve, error: reject });
    });
  }

  /** What the columns of a frame are called on the screen. */
  titles(frame: Frame): string[] {
    return frame.fields.map((field) => this.#data.getFieldDisplayName(field, frame));
  }

  /** The rows of a frame, by what its columns are called on the screen. */
  rows(frame: Frame): Record<string, number | string | null>[] {
    const titles = this.titles(frame);
    return Array.from({ length: frame.length }, (_, row) =>
      Object.fromEntries(titles.map((title, at) => [title, frame.fields[at]?.values[row] ?? null])),
    );
  }

  /** A number as it is shown with a unit. */
  shown(unit: string, value: number): string {
    return this.#data.formattedValueToString(this.#data.getValueFormat(unit)(value));
  }

  /** The ids of all units. */
  units(): Set<string> {
    const formats = this.#data.getValueFormats().flatMap(({ submenu }) => submenu);
    return new Set(formats.map(({ value }) => value));
  }
}
