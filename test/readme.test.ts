import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { HELP } from "../src/cli/arguments.ts";
import { settingsByPath } from "../src/config/schema.ts";
import { VERDICTS } from "../src/localize/verdict.ts";
import { METRICS } from "../src/metrics/metric-table.ts";
import { REFLECTOR_METRICS } from "../src/metrics/reflector-metrics.ts";
import { FAILURE_REASONS, INVALID_REASONS } from "../src/probe/outcome.ts";

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

describe("README.md", () => {
  const readme = read("README.md");

  it("has the table of metrics as the code has it", () => {
    const expected = Object.values(METRICS).map(({ name, type, labels, help }) => {
      const shown = labels.map((label) => `\`${label}\``).join(", ");
      return `| \`${name}\` | ${type} | ${shown} | ${help} |`;
    });
    const rows = section(readme, "Metrics")
      .split("\n")
      .filter((line) => line.startsWith("| `ecmp_"));
    expect(rows).toEqual(expected);
  });

  it("has the table of the reflector's metrics as the code has it", () => {
    const expected = Object.values(REFLECTOR_METRICS).map(({ name, type, labels, help }) => {
      const shown = labels.map((label) => `\`${label}\``).join(", ");
      return `| \`${name}\` | ${type} | ${shown} | ${help} |`;
    });
    const rows = section(readme, "Reflector").split("\n");
    expect(rows.filter((line) => line.startsWith("| `ecmp_"))).toEqual(expected);
  });

  it("shows every setting with its default", () => {
    const [defaults = ""] = blocks(section(readme, "Configuration"), "yaml");
    expect(settings(defaults)).toEqual(DEFAULTS);
  });

  it("shows the text of --help", () => {
    expect(blocks(section(readme, "Command line"), "text")).toEqual([HELP]);
  });

  it("names every verdict and every reason", () => {
    const words = [...VERDICTS, ...FAILURE_REASONS, ...INVALID_REASONS];
    expect(words.filter((word) => !new RegExp(`[\`"]${word}[\`"]`).test(readme))).toEqual([]);
  });

  it("names only metrics, scripts and files that there are", () => {
    const metrics = [...Object.values(METRICS), ...Object.values(REFLECTOR_METRICS)];
    const names = new Set<string>(metrics.map(({ name }) => name));
    const told = [...readme.matchAll(/\becmp_[a-z_]+\b/g)].map(([name]) => name);
    expect(told.filter((name) => !names.has(name))).toEqual([]);

    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const run = [...readme.matchAll(/\bnpm (?:run )?(start|test|demo|build)\b/g)];
    expect(run.map(([, script = ""]) => script).filter((script) => !(script in scripts))).toEqual(
      [],
    );
    for (const [, file = ""] of readme.matchAll(/\]\(([^):]+)\)/g)) {
      expect(read(file)).not.toBe("");
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
