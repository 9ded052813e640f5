import { defineConfig } from "vitest/config";

/** The long runs of `npm run soak`: they take the better part of an hour, and are no part of `npm test`. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "soak",
          include: ["test/soak/*.soak.test.ts"],
          globalSetup: ["test/lab/global-setup.ts"],
          pool: "forks",
          maxWorkers: 2,
          testTimeout: 900_000,
          hookTimeout: 60_000,
          // Labs wait more than they compute: two files with five each leave two cores time to spare.
          maxConcurrency: 5,
        },
      },
    ],
  },
});
