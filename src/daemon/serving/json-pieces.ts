/** JSON in pieces, each made well within a millisecond. */
export type JsonPieces = Generator<string, void>;

/** A value in one piece: for small ones. */
export function* jsonText(value: unknown): JsonPieces {
  yield JSON.stringify(value);
}

/** A value that is made in steps, each well within a millisecond. */
export function* jsonOfSteps(steps: Generator<void, unknown>): JsonPieces {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) {
      yield JSON.stringify(value);
      return;
    }
    yield "";
  }
}

/** A list, a piece an item. @param items as they are when the first piece is asked for */
export function* jsonList<T>(items: Iterable<T>, shown: (item: T) => unknown): JsonPieces {
  const all = [...items];
  let comma = "";
  yield "[";
  for (const item of all) {
    yield comma + JSON.stringify(shown(item));
    comma = ",";
  }
  yield "]";
}

/** An object with a list as its last member. @param head its other members, one at least */
export function* jsonWithList<T>(
  head: object,
  name: string,
  items: Iterable<T>,
  shown: (item: T) => unknown,
): JsonPieces {
  yield `${JSON.stringify(head).slice(0, -1)},${JSON.stringify(name)}:`;
  yield* jsonList(items, shown);
  yield "}";
}
