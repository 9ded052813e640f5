import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take longest, those first that take most time: begun late, one of them alone would draw out the whole run. */
const LONGEST: readonly string[] = [
  "test/localize/localize.test.ts",
  "test/trace/tracer-accuracy.test.ts",
  "test/survey/surveyor.test.ts",
  "test/lab/demo.lab.test.ts",
  "test/lab/verdict-soft.lab.test.ts",
  "test/lab/verdict-hard.lab.test.ts",
  "test/lab/page.lab.test.ts",
  "test/lab/paths.lab.test.ts",
  "test/lab/verdict-fast.lab.test.ts",
  "test/lab/healthy.lab.test.ts",
  "test/lab/rotation.lab.test.ts",
  "test/lab/alerts.lab.test.ts",
  "test/lab/odd-networks.lab.test.ts",
  "test/lab/own-host.lab.test.ts",
  "test/lab/nat.lab.test.ts",
  "test/lab/many-targets.lab.test.ts",
  "test/lab/story-udp.lab.test.ts",
  "test/lab/endpoint-limit.lab.test.ts",
  "test/lab/host-faults.lab.test.ts",
  "test/daemon/start.lab.test.ts",
];

/** Begins the longest files first, then the others as vitest would. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rest = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/${name}`));
      return at < 0 ? LONGEST.length : at;
    };
    return rest.toSorted((a, b) => rank(a) - rank(b));
  }
}
