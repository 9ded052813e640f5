/** JSON in pieces, each made well within a millisecond. */
export type JsonPieces = Generator<string, void>;

/** Items of a list in one piece. */
const ITEMS_A_PIECE = 8;

/** A value in one piece: for small ones. */
export function* jsonText(value: unknown): JsonPieces {
  yield JSON.stringify(value);
}

/** A value of plain data in pieces: its members one by one, a few items of a list at a time. */
export function* jsonInPieces(value: unknown): JsonPieces {
  if (Array.isArray(value)) {
    yield "[";
    for (let at = 0; at < value.length; at += ITEMS_A_PIECE) {
      const items = JSON.stringify(value.slice(at, at + ITEMS_A_PIECE)).slice(1, -1);
      yield at === 0 ? items : `,${items}`;
    }
    yield "]";
    return;
  }
  if (typeof value !== "object" || value === null) {
    yield JSON.stringify(value);
    return;
  }
  let before = "{";
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    yield `${before}${JSON.stringify(name)}:`;
    yield* jsonInPieces(member);
    before = ",";
  }
  yield before === "{" ? "{}" : "}";
}

/** A value that is made in steps, each well within a millisecond. */
export function* jsonOfSteps(steps: Generator<void, unknown>): JsonPieces {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) {
      yield* jsonInPieces(value);
      return;
    }
    yield "";
  }
}

/** A list. @param items as they are when the first piece is asked for */
export function* jsonList<T>(items: Iterable<T>, shown: (item: T) => JsonPieces): JsonPieces {
  const all = [...items];
  let comma = "";
  yield "[";
  for (const item of all) {
    yield comma;
    yield* shown(item);
    comma = ",";
  }
  yield "]";
}

/** An object with a list as its last member. @param head its other members, one at least */
export function* jsonWithList<T>(
  head: object,
  name: string,
  items: Iterable<T>,
  shown: (item: T) => JsonPieces,
): JsonPieces {
  yield `${JSON.stringify(head).slice(0, -1)},${JSON.stringify(name)}:`;
  yield* jsonList(items, shown);
  yield "}";
}
