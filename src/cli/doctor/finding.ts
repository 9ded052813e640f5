/** How bad a finding is: nothing to do, results may mislead, probes do not work. */
export type Level = "ok" | "warning" | "error";

/** What was found about one thing. */
export interface Finding {
  readonly level: Level;
  /** What was looked at, one or two words. */
  readonly topic: string;
  /** One sentence. */
  readonly message: string;
  /** What to do about it; undefined where all is well. */
  readonly fix?: string;
}

/** All is well with a topic. */
export function fine(topic: string, message: string): Finding {
  return { level: "ok", topic, message };
}

/** Findings as text, one line each. */
export function findingLines(findings: readonly Finding[]): string[] {
  const width = Math.max(0, ...findings.map(({ topic }) => topic.length));
  return findings.map(
    ({ level, topic, message, fix }) =>
      `${level.padEnd(7)}  ${topic.padEnd(width)}  ${message}${fix === undefined ? "" : ` Fix: ${fix}`}`,
  );
}
