import type { Answer } from "./answers.ts";
import { framesOf } from "./answers.ts";
import type { BrokenFleet } from "./broken-fleet.ts";
import { committedDashboards, filledIn, type Panel, type Query, shownPanels } from "./committed.ts";
import type { Frame, Grafana } from "./grafana-data.ts";
import type { Series } from "./prometheus-server.ts";

/** A panel and the file of its dashboard. */
export type Placed = readonly [file: string, panel: Panel];

/** Every panel of every dashboard. */
export const PANELS: readonly Placed[] = committedDashboards().flatMap(([file, dashboard]) =>
  shownPanels(dashboard).map((panel): Placed => [file, panel]),
);

/** The panel of a title. @throws Error where there is none */
export function panelOf(file: string, title: string): Placed {
  const found = PANELS.find(([of, panel]) => of === file && panel.title === title);
  if (found === undefined) throw new Error(`no panel ${title} in ${file}`);
  return found;
}

/** What panels would show of a fleet. */
export class Shown {
  readonly #fleet: BrokenFleet;
  readonly #grafana: Grafana;

  constructor(fleet: BrokenFleet, grafana: Grafana) {
    this.#fleet = fleet;
    this.#grafana = grafana;
  }

  /** As Grafana fills in variables: all jobs, exporters and protocols, the target that the story is about. */
  filled([file, panel]: Placed, expression: string): string {
    return filledIn(expression, {
      job: ".+",
      instance: ".+",
      protocol: ".+",
      target: file === "target.json" ? "mysql" : ".+",
      // Four scrapes, or the panel's shortest interval and one scrape.
      __rate_interval: panel.interval === undefined ? "4s" : "301s",
    });
  }

  /** The answer to one query of a panel. */
  async series(placed: Placed, query: Query): Promise<Series[]> {
    const { prometheus, from, to } = this.#fleet;
    const expression = this.filled(placed, query.expr);
    return query.instant === true
      ? await prometheus.now(expression, to)
      : await prometheus.over(expression, from, to, 1);
  }

  /** The answers to all of a panel's queries. */
  answers(placed: Placed): Promise<Answer[]> {
    const [, { targets = [] }] = placed;
    return Promise.all(
      targets.map(async (query) => ({ query, series: await this.series(placed, query) })),
    );
  }

  /** What a panel gets to see of them, after its transformations. */
  async frames(placed: Placed): Promise<Frame[]> {
    const [, { transformations = [] }] = placed;
    const frames = framesOf(this.#grafana, await this.answers(placed));
    return await this.#grafana.transformed(transformations, frames);
  }

  /** The titles and rows of a table. @throws Error unless it is one */
  async table(
    file: string,
    title: string,
  ): Promise<{ titles: string[]; rows: Record<string, number | string | null>[] }> {
    const frames = await this.frames(panelOf(file, title));
    const [frame] = frames;
    if (frame === undefined || frames.length > 1) {
      throw new Error(`${title} would get ${frames.length} frames`);
    }
    return { titles: this.#grafana.titles(frame), rows: this.#grafana.rows(frame) };
  }
}
