import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { HELP } from "../src/cli/arguments.ts";
import { settingsByPath } from "../src/config/schema.ts";
import { VERDICTS } from "../src/localize/verdict.ts";
import type { MetricSpec } from "../src/metrics/metric-spec.ts";
import { REFLECTOR_METRICS } from "../src/metrics/reflector-metrics.ts";
import { FAILURE_REASONS, INVALID_REASONS } from "../src/probe/outcome.ts";
import { ALL_METRICS } from "./support/all-metrics.ts";

const ROOT = new URL("../", import.meta.url);

function pathOf(path: string): string {
  return fileURLToPath(new URL(path, ROOT));
}

function read(path: string): string {
  return readFileSync(pathOf(path), "utf8");
}

/** The text below a heading of the second level, up to the next. */
function section(text: string, heading: string): string {
  const [, body = ""] = text.split(`\n## ${heading}\n`);
  return body.split("\n## ")[0] ?? "";
}

/** The fenced blocks of a language. */
function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)\`\`\`$`, "gm"))].map(
    ([, block = ""]) => block,
  );
}

/** `probe.interval` and its value, for every scalar two levels deep, and the scalars above them. */
function settings(yaml: string): [string, unknown][] {
  return Object.entries(parse(yaml) as Record<string, unknown>).flatMap(
    ([name, value]): [string, unknown][] => {
      if (name === "targets" || name === "target_files") return [];
      if (typeof value !== "object" || value === null) return [[name, value]];
      return Object.entries(value).map(([key, inner]) => [`${name}.${key}`, inner]);
    },
  );
}

const DEFAULTS = [...settingsByPath()].map(([path, setting]) => [path, setting.default]);

const PAGES = [
  "README.md",
  ...readdirSync(pathOf("docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
  "CONTRIBUTING.md",
  "ARCHITECTURE.md",
];

/** Rows of a table of metrics, as a page has to show them. */
function metricRows(metrics: Readonly<Record<string, MetricSpec>>): string[] {
  return Object.values(metrics).map(({ name, type, labels, help }) => {
    const shown = labels.map((label) => `\`${label}\``).join(", ");
    return `| \`${name}\` | ${type} | ${shown} | ${help} |`;
  });
}

describe("docs/metrics.md", () => {
  const text = read("docs/metrics.md");
  const rows = (heading: string): string[] =>
    section(text, heading)
      .split("\n")
      .filter((line) => line.startsWith("| `ecmp_"));

  it("has the table of metrics as the code has it", () => {
    expect(rows("Exporter")).toEqual(metricRows(ALL_METRICS));
  });

  it("has the table of the reflector's metrics as the code has it", () => {
    expect(rows("Reflector")).toEqual(metricRows(REFLECTOR_METRICS));
  });
});

describe("docs/configuration.md", () => {
  const text = read("docs/configuration.md");

  it("shows every setting with its default", () => {
    const [defaults = ""] = blocks(section(text, "File"), "yaml");
    expect(settings(defaults)).toEqual(DEFAULTS);
  });

  it("shows the text of --help", () => {
    expect(blocks(section(text, "Command line"), "text")).toEqual([HELP]);
  });
});

describe("README.md", () => {
  const readme = read("README.md");

  it("names every verdict and every reason", () => {
    const words = [...VERDICTS, ...FAILURE_REASONS, ...INVALID_REASONS];
    expect(words.filter((word) => !new RegExp(`[\`"]${word}[\`"]`).test(readme))).toEqual([]);
  });

  it("says what to do about every verdict", () => {
    const told = [...readme.matchAll(/^\| `(\w+)` \| [^|]+ \| [^|]+ \|$/gm)].map(
      ([, word]) => word,
    );
    expect(VERDICTS.filter((verdict) => !told.includes(verdict))).toEqual([]);
  });

  it("links every page of docs", () => {
    const pages = PAGES.filter((page) => page.startsWith("docs/"));
    expect(pages.filter((page) => !readme.includes(`](${page})`))).toEqual([]);
  });

  it("is short enough to be read in trouble", () => {
    expect(readme.split("\n").length).toBeLessThanOrEqual(260);
  });
});

describe.each(PAGES)("%s", (page) => {
  const text = read(page);

  it("names only metrics and scripts that there are", () => {
    const metrics = [...Object.values(ALL_METRICS), ...Object.values(REFLECTOR_METRICS)];
    const names = new Set<string>(metrics.map(({ name }) => name));
    const isKnown = (name: string): boolean =>
      names.has(name.replace(/_(?:bucket|sum|count)$/, "")) || names.has(name);
    // With a colon before it a name is part of a recorded series' name; test/alerting looks at those.
    const told = [...text.matchAll(/(?<![\w:])ecmp_[a-z_]+\b(?!:)/g)].map(([name]) => name);
    expect(told.filter((name) => !isKnown(name))).toEqual([]);

    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const run = [
      ...text.matchAll(/\bnpm (?:run (?:-s )?)?(start|test|(?<=run (?:-s )?)[a-z:]+)\b/g),
    ];
    expect(run.map(([, script = ""]) => script).filter((script) => !(script in scripts))).toEqual(
      [],
    );
  });

  it("links only files that there are", () => {
    for (const [, file = ""] of text.matchAll(/\]\(([^):#]+)(?:#[\w-]*)?\)/g)) {
      expect(existsSync(pathOf(join(dirname(page), file))), file).toBe(true);
    }
  });
});

describe("CONTRIBUTING.md", () => {
  const text = read("CONTRIBUTING.md");
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

  it("has a line for every npm script, and for no other", () => {
    const told = [...text.matchAll(/^\| `npm (?:run )?([\w:]+)` \| \S/gm)].map(([, name]) => name);
    const own = Object.keys(scripts).filter((name) => {
      const hook = /^(?:pre|post)(.+)$/.exec(name)?.[1];
      return hook === undefined || !(hook in scripts || hook === "install");
    });
    expect(told.toSorted()).toEqual(own.toSorted());
  });

  it("names only files that there are", () => {
    const files = [...text.matchAll(/`((?:src|test|docs|config|scripts|grafana)\/[\w./-]+)`/g)];
    expect(files.length).toBeGreaterThan(10);
    expect(files.flatMap(([, file = ""]) => (existsSync(pathOf(file)) ? [] : [file]))).toEqual([]);
  });
});

describe("config/ecmp-exporter.yml", () => {
  it("shows every setting with its default", () => {
    expect(settings(read("config/ecmp-exporter.yml"))).toEqual(DEFAULTS);
  });
});
