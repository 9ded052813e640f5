import { expect, test } from "vitest";
import { Progress } from "../../src/cli/trace-progress.ts";
import { failingView, flowView } from "../support/flow-view.ts";

const FACTS = {
  stage: "tracing",
  flows: [flowView(0), flowView(1), failingView(2), flowView(3, { state: "unknown" })],
  packets: 130,
  leftMs: 2400,
} as const;

test("progress is one line that is written over, and removed at the end", () => {
  const lines: string[] = [];
  const progress = new Progress({ isTTY: true, write: (more) => void lines.push(more) });
  progress.show(FACTS);
  progress.clear();
  expect(lines.join("")).toBe(
    "\r\u001b[Ktracing: 2 of 4 flows answered, 1 fail, 130 packets, 3 s left\r\u001b[K",
  );
});

test("progress is not shown where there is no terminal", () => {
  const lines: string[] = [];
  new Progress({ write: (more) => void lines.push(more) }).show(FACTS);
  expect(lines.join("")).toBe("");
});
