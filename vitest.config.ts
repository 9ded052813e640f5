import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/longest-first.ts";

/**
 * Two projects, one after the other, so that no unit test takes the processor from a lab that measures time. `unit` needs
 * no privilege and uses every core. `lab` builds network namespaces, so it needs root; its files are independent of each
 * other and mostly wait: all of them together use some ten minutes of processor time, so four run side by side on two cores.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/**/*.lab.test.ts", "test/**/*.soak.test.ts"],
          maxWorkers: "100%",
          sequence: { groupOrder: 0 },
          testTimeout: 20_000,
          // What is waited for comes when the processor is free: a second, the usual limit, is not enough beside other work.
          expect: { poll: { timeout: 15_000 } },
        },
      },
      {
        test: {
          name: "lab",
          include: ["test/**/*.lab.test.ts"],
          globalSetup: ["test/lab/global-setup.ts"],
          pool: "forks",
          maxWorkers: 4,
          maxConcurrency: 6,
          sequence: { groupOrder: 1 },
          testTimeout: 480_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
