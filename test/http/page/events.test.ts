import { expect, test } from "vitest";
import { EventBook } from "../../../src/http/page/events.js";

const event = (id: number) => ({ id, time: id, kind: "verdict", target: "a", message: "" });

test("only what is newer is asked for, of one target if there is one", () => {
  const book = new EventBook();
  expect(book.query()).toBe("api/v1/events?since=0");
  book.take({ last: 2, events: [event(1), event(2)] });
  book.take({ last: 2, events: [] });
  book.take({ last: 5, events: [event(5)] });
  expect(book.events.map(({ id }) => id)).toEqual([1, 2, 5]);
  expect(book.query("a b")).toBe("api/v1/events?since=5&target=a%20b");
});

test("an exporter that was started anew begins a new list", () => {
  const book = new EventBook();
  book.take({ last: 7, events: [event(7)] });
  book.take({ last: 1, events: [] });
  expect(book.query()).toBe("api/v1/events?since=0");
});
