import type { Localization } from "../localize/localize.ts";
import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import { withReasonNow } from "../verdict/reason-now.ts";
import { type Change, changesOf, isFault } from "../verdict/target-event.ts";

/** How often it is looked whether something else is told of a target, milliseconds. */
const LOOK_MS = 500;
/** So many targets are looked at in a turn: all of them may have changed at once. */
const LOOKED_AT_A_TURN = 100;
/** Paths that change within this time are one change: routers hash all flows anew at once. */
const TOGETHER_MS = 10_000;

interface Known {
  told: Localization;
  /** Whether the last verdict that decided anything was a fault. */
  fault: boolean;
  /** Flows whose path has changed and is not told yet, and since when. */
  changed: number;
  changedSince: number;
}

/** Finds out what has changed about each target, once for everybody who counts or remembers it. */
export class TargetEvents {
  readonly #targets: Map<ProbedTarget, Known> = new Map();
  /** Those of which something else may be told since they were looked at last. */
  #news: Set<ProbedTarget> = new Set();
  readonly #toldOf: (target: ProbedTarget) => Localization;
  readonly #onChange: (target: ProbedTarget, change: Change) => void;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** Where the look goes on that has begun. */
  #rest: SetIterator<ProbedTarget> | undefined;

  /** @param toldOf what is told of a target now; the same object as long as nothing else is told */
  constructor(
    toldOf: (target: ProbedTarget) => Localization,
    onChange: (target: ProbedTarget, change: Change) => void,
  ) {
    this.#toldOf = toldOf;
    this.#onChange = onChange;
  }

  /** The target is watched from now on. */
  begin(target: ProbedTarget): void {
    const told = this.#toldOf(target);
    this.#targets.set(target, { told, fault: false, changed: 0, changedSince: 0 });
  }

  /** The target is gone. */
  end(target: ProbedTarget): void {
    this.#targets.delete(target);
  }

  /** What is told of the target may be another. */
  told(target: ProbedTarget): void {
    this.#news.add(target);
  }

  /** A flow was seen on another path than before. */
  pathChanged({ target }: ProbedFlow, now: number): void {
    const known = this.#targets.get(target);
    if (known === undefined) return;
    if (known.changed === 0) known.changedSince = now;
    known.changed += 1;
    this.#news.add(target);
  }

  /** Looks whether something has changed of which there is news, twice a second, in slices. Call it with each turn of the loop. */
  turn(now: number): void {
    if (this.#rest === undefined) {
      if (now - this.#lookedAt < LOOK_MS) return;
      this.#lookedAt = now;
      this.#rest = this.#news.values();
      this.#news = new Set();
    }
    for (let looked = 0; looked < LOOKED_AT_A_TURN; looked += 1) {
      const { value, done } = this.#rest.next();
      if (done === true) {
        this.#rest = undefined;
        return;
      }
      this.#look(value, now);
    }
  }

  #look(target: ProbedTarget, now: number): void {
    const known = this.#targets.get(target);
    if (known === undefined) return;
    const told = this.#toldOf(target);
    if (told !== known.told && !saysTheSame(known.told, told)) {
      // The counts of this moment, as everything else that is told has them.
      const counted = withReasonNow(told, target);
      for (const change of changesOf(known.told, counted, known.fault)) {
        this.#onChange(target, change);
      }
      if (told.verdict !== "indeterminate") known.fault = isFault(told);
    }
    known.told = told;
    if (known.changed === 0) return;
    if (now - known.changedSince < TOGETHER_MS) {
      this.#news.add(target);
      return;
    }
    this.#onChange(target, { event: "path_change", message: pathWords(known, target) });
    known.changed = 0;
  }
}

/** Whether nothing has changed but numbers: what most targets are told, every few seconds. */
function saysTheSame(before: Localization, told: Localization): boolean {
  return before.verdict === told.verdict && before.suspects.length + told.suspects.length === 0;
}

function pathWords({ changed }: Known, { target: { flowBuckets } }: ProbedTarget): string {
  const flows = changed === 1 ? "1 flow takes" : `${changed} flows take`;
  const rehash = changed >= flowBuckets / 2 ? ": routers hash anew" : "";
  return `${flows} another path than before${rehash}.`;
}
