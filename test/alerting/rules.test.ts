// The shipped rules, by the tools of those who will load them, and against what the exporter really exports.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { PROTOCOLS } from "../../src/flow/target.ts";
import { reproduceCommands } from "../../src/view/reproduce.ts";
import { ALL_METRICS } from "../support/all-metrics.ts";
import { versionsOf } from "../support/installed.ts";
import { makeTarget } from "../support/target.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PROMETHEUS = join(ROOT, "config/prometheus");
const ALERTMANAGER = join(ROOT, "config/alertmanager.yml");
/** Rules are evaluated over hours of samples, for which a busy machine takes its time. */
const PROMTOOL_MS = 90_000;
const SEVERITIES = ["critical", "warning", "info"];
const ASPECTS = [
  "Meaning",
  "Impact",
  "Diagnosis",
  "Mitigation",
  "What to send to the network team",
];

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface RuleTest {
  readonly alert_rule_test?: readonly {
    readonly alertname: string;
    readonly exp_alerts: readonly {
      readonly exp_labels: Readonly<Record<string, string>>;
      readonly exp_annotations: { readonly description: string };
    }[];
  }[];
  readonly promql_expr_test?: readonly { readonly expr: string }[];
}

const filesIn = (folder: string) =>
  readdirSync(join(PROMETHEUS, folder)).map((name) => join(PROMETHEUS, folder, name));
const RULE_FILES = filesIn("rules");
const TEST_FILES = filesIn("tests");
const RULES = RULE_FILES.flatMap((file) => {
  const { groups } = parse(readFileSync(file, "utf8")) as { groups: { rules: Rule[] }[] };
  return groups.flatMap(({ rules }) => rules);
});
const ALERTS = RULES.flatMap((rule) =>
  rule.alert === undefined ? [] : [{ ...rule, name: rule.alert }],
);
const RECORDED = RULES.flatMap(({ record }) => record ?? []);
const TESTS = TEST_FILES.flatMap(
  (file) => (parse(readFileSync(file, "utf8")) as { tests: RuleTest[] }).tests,
);

/** Exit code and output of a tool. */
function run(command: string, ...args: string[]): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  return { status, said: stdout + stderr };
}

/** The names of series in PromQL, or in a template with queries. */
function seriesIn(text: string): string[] {
  return text.match(/(?<![\w:])(?:[a-z_]+:)?ecmp_\w+(?::\w+)?/g) ?? [];
}

describe.each(versionsOf("promtool", "prometheus"))(
  "promtool of Debian $release",
  ({ command }) => {
    it("accepts the configuration and its rules", () => {
      for (const args of [
        ["check", "config", join(PROMETHEUS, "prometheus.yml")],
        ["check", "rules", ...RULE_FILES],
      ]) {
        const { status, said } = run(command, ...args);
        expect(status, said).toBe(0);
      }
    });

    it.each(TEST_FILES.map((file) => [file.slice(PROMETHEUS.length + 1), file]))(
      "finds the rules to do what %s says",
      (_, file) => {
        const { status, said } = run(command, "test", "rules", file);
        expect(status, said).toBe(0);
      },
      PROMTOOL_MS,
    );
  },
);

describe.each(versionsOf("amtool", "prometheus-alertmanager"))(
  "amtool of Debian $release",
  ({ command }) => {
    it("accepts Alertmanager's configuration", () => {
      const { status, said } = run(command, "check-config", ALERTMANAGER);
      expect(status, said).toBe(0);
    });
  },
);

describe("every alert", () => {
  it("has a severity, waits, and says what is wrong", () => {
    for (const { name, labels, annotations, for: wait } of ALERTS) {
      expect(SEVERITIES, name).toContain(labels?.["severity"]);
      expect(wait, name).toMatch(/^\d+[ms]$/);
      expect(annotations?.["summary"], name).toMatch(/^[A-Z][^{}]*\.$/);
      // What a whole fleet sees has no instance.
      const subject = name === "EcmpSuspectShared" ? "name" : "instance";
      expect(annotations?.["description"], name).toContain(`{{ $labels.${subject} }}`);
    }
  });

  it("is shown to fire and not to fire", () => {
    const cases = TESTS.flatMap(({ alert_rule_test }) => alert_rule_test ?? []);
    for (const { name } of ALERTS) {
      const counts = cases
        .filter(({ alertname }) => alertname === name)
        .map(({ exp_alerts }) => exp_alerts.length);
      expect(counts, name).toContain(0);
      expect(Math.max(...counts), name).toBeGreaterThan(0);
    }
  });

  it("leads to a section of the runbook that has every aspect", () => {
    const sections = new Map(
      readFileSync(join(ROOT, "docs/runbook.md"), "utf8")
        .split("\n## ")
        .slice(1)
        .map((text) => [text.split("\n")[0]?.toLowerCase() ?? "", text]),
    );
    for (const { name, annotations } of ALERTS) {
      const [page, anchor = ""] = annotations?.["runbook_url"]?.split("#") ?? [];
      expect(page).toMatch(/^https:\/\/\S+\/docs\/runbook\.md$/);
      expect(anchor).toBe(name.toLowerCase());
      for (const aspect of ASPECTS) expect(sections.get(anchor), name).toContain(`**${aspect}.**`);
    }
    const names = new Set(ALERTS.map(({ name }) => name.toLowerCase()));
    expect([...sections.keys()].sort()).toEqual([...names].sort());
  });
});

describe("the rules", () => {
  it("ask only for what is exported or recorded", () => {
    const known = new Set<string>([
      ...Object.values(ALL_METRICS).map(({ name }) => name),
      ...RECORDED,
    ]);
    const asked = RULES.flatMap(({ expr, annotations }) =>
      [expr, ...Object.values(annotations ?? {})].flatMap(seriesIn),
    );
    expect(asked.length).toBeGreaterThan(50);
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
  });

  it("record under names of level, metric and operations, each of which a test asks for", () => {
    const asked = TESTS.flatMap(({ promql_expr_test }) => promql_expr_test ?? []).map(
      ({ expr }) => expr,
    );
    const patterns = asked.flatMap((expr) => [...expr.matchAll(/__name__=~"([^"]+)"/g)]);
    for (const name of RECORDED) {
      expect(name).toMatch(/^[a-z_]+:ecmp_[a-z_]+:[a-z0-9_]+$/);
      const matched = patterns.some(([, pattern = ""]) =>
        new RegExp(`^(?:${pattern})$`).test(name),
      );
      expect(matched || asked.some((expr) => expr.includes(name)), name).toBe(true);
    }
  });

  it("keep the labels of users: only what a fleet shares is picked by label", () => {
    const picked = RULES.filter(({ expr }) => /\bby\s*\(/.test(expr));
    expect(picked.map(({ record }) => record?.split(":")[0])).toEqual(picked.map(() => "link"));
  });

  it("are inhibited and routed by names that there are", () => {
    const names = new Set(ALERTS.map(({ name }) => name));
    const told = readFileSync(ALERTMANAGER, "utf8").match(/\bEcmp[A-Z]\w+/g) ?? [];
    expect(told.length).toBeGreaterThan(10);
    expect(told.filter((name) => !names.has(name))).toEqual([]);
  });
});

describe("the commands in descriptions", () => {
  const described = TESTS.flatMap(({ alert_rule_test }) => alert_rule_test ?? []).flatMap(
    ({ exp_alerts }) =>
      exp_alerts.flatMap(({ exp_labels: { protocol }, exp_annotations: { description } }) => {
        const port = /^Failing flow: source port (\d+)/m.exec(description)?.[1];
        const given = [
          ...description.matchAll(/^(?:Reproduce on the exporter's host|Trace): (.+)$/gm),
        ].map(([, command = ""]) => command);
        return given.length === 0 ? [] : [{ protocol, port: Number(port), given }];
      }),
  );

  it("are told for every protocol", () => {
    const protocols = described.map(({ protocol }) => protocol);
    expect([...new Set(protocols)].sort()).toEqual([...PROTOCOLS].sort());
  });

  it.each(described)("are among those of the API for $protocol from port $port", (told) => {
    const protocol = PROTOCOLS.find((each) => each === told.protocol) ?? "tcp";
    const [command = ""] = told.given;
    // Address and port of the service stand at the end; an echo request has no port.
    const [to = "", port = "0"] = command.split(" ").slice(protocol === "icmp" ? -1 : -2);
    const target = makeTarget({ to, protocol, port: Number(port), timeoutMs: 1000 });
    expect(reproduceCommands(target, told.port)).toEqual(expect.arrayContaining(told.given));
  });
});
