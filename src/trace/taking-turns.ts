/** Lets everyone have something each time, beginning with another each time: where there is not enough, it runs out for others. */
export class TakingTurns {
  #turn = 0;

  /** @param serve false where nothing is left @returns false where nothing is left */
  serve<Item>(all: readonly Item[], serve: (item: Item) => boolean): boolean {
    this.#turn += 1;
    return all.every((_, index) => serve(all[(this.#turn + index) % all.length] as Item));
  }
}
