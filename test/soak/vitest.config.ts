import { defineConfig } from "vitest/config";

/** It tells what the probing thread notices of those who look, so nothing else may run beside it. */
const ALONE = ["test/soak/watched.soak.test.ts"];

/** The long runs of `npm run soak`: they take hours, and are no part of `npm test`. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "soak",
          include: ["test/soak/*.soak.test.ts"],
          exclude: ALONE,
          globalSetup: ["test/lab/global-setup.ts"],
          pool: "forks",
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
          testTimeout: 900_000,
          hookTimeout: 60_000,
          // Labs wait more than they compute: two files with five each leave two cores time to spare.
          maxConcurrency: 5,
        },
      },
      {
        test: {
          name: "soak-alone",
          include: ALONE,
          globalSetup: ["test/lab/global-setup.ts"],
          pool: "forks",
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
          testTimeout: 900_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
