import { defineConfig } from "vitest/config";

/**
 * Two projects. `unit` runs in parallel and needs no privilege. `lab` builds network namespaces, so it
 * needs root; its files are independent of each other and two run side by side.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/**/*.lab.test.ts", "test/**/*.soak.test.ts"],
          sequence: { groupOrder: 0 },
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "lab",
          include: ["test/**/*.lab.test.ts"],
          globalSetup: ["test/lab/global-setup.ts"],
          pool: "forks",
          maxWorkers: 2,
          maxConcurrency: 4,
          sequence: { groupOrder: 1 },
          testTimeout: 480_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
