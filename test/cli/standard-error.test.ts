import { afterEach, describe, expect, test, vi } from "vitest";
import { StandardError } from "../../src/cli/standard-error.ts";

describe("standard error", () => {
  const write = vi.spyOn(process.stderr, "write");
  afterEach(() => {
    write.mockReset();
  });

  test("counts what a file without room refuses, and what a pipe refuses later", () => {
    const full = Object.assign(new Error("no space left"), { code: "ENOSPC" });
    const output = new StandardError();
    write.mockImplementationOnce(() => {
      throw full;
    });
    output.write("of a file\n");
    expect(output.lost).toBe(1);
    write.mockImplementationOnce((_text: unknown, done: unknown) => {
      (done as (error?: Error) => void)(full);
      return true;
    });
    output.write("of a pipe\n");
    expect(output.lost).toBe(2);
    write.mockImplementationOnce((_text: unknown, done: unknown) => {
      (done as (error?: Error | null) => void)(null);
      return true;
    });
    output.write("with room\n");
    expect(output.lost).toBe(2);
    expect(write.mock.calls.map(([text]) => text)).toEqual([
      "of a file\n",
      "of a pipe\n",
      "with room\n",
    ]);
  });

  test("is listened to still when somebody else who listened has gone", () => {
    const other = (): void => {};
    process.stderr.on("error", other);
    write.mockReturnValue(true);
    new StandardError().write("one\n");
    new StandardError().write("two\n");
    process.stderr.off("error", other);
    expect(process.stderr.listenerCount("error")).toBe(1);
  });
});
