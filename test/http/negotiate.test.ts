import { describe, expect, test } from "vitest";
import { acceptsGzip, negotiateFormat } from "../../src/http/negotiate.ts";

const TEXT = "text/plain; version=0.0.4; charset=utf-8";
const OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const PROMETHEUS_3 =
  "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

describe("the format", () => {
  test.each([
    ["no header", undefined, TEXT],
    ["an empty one", "", TEXT],
    ["anything", "*/*", TEXT],
    ["a browser's", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", TEXT],
    ["Prometheus 3", PROMETHEUS_3, `${OPENMETRICS}; escaping=allow-utf-8`],
    [
      "Prometheus 2",
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      OPENMETRICS,
    ],
    ["OpenMetrics without a version", "application/openmetrics-text", OPENMETRICS],
    [
      "only a version of OpenMetrics that we lack",
      "application/openmetrics-text; version=0.0.1",
      TEXT,
    ],
    [
      "protobuf first, text second",
      "application/vnd.google.protobuf;proto=x;q=0.7,text/plain;version=0.0.4;q=0.5",
      TEXT,
    ],
    ["text heavier than OpenMetrics", "application/openmetrics-text;q=0.5,text/plain;q=0.6", TEXT],
    [
      "text lighter than OpenMetrics",
      "text/plain;q=0.5,application/openmetrics-text;q=0.6",
      OPENMETRICS,
    ],
    ["equal weights, OpenMetrics first", "application/openmetrics-text,text/plain", OPENMETRICS],
    ["equal weights, text first", "text/plain,application/openmetrics-text", TEXT],
    ["OpenMetrics refused", "application/openmetrics-text;q=0,*/*", TEXT],
    [
      "text refused, OpenMetrics taken",
      "text/plain;q=0, application/openmetrics-text;q=0.1",
      OPENMETRICS,
    ],
    [
      "a wildcard that is heavier than the type named beside it",
      "text/plain;q=0.2,text/*;q=0.9,application/openmetrics-text;q=0.5",
      OPENMETRICS,
    ],
    ["upper case and spaces", " APPLICATION/OpenMetrics-Text ; Version=1.0.0 ; Q=1 ", OPENMETRICS],
    ["a quoted version", 'application/openmetrics-text; version="1.0.0"', OPENMETRICS],
    ["a weight that is none", "application/openmetrics-text;q=high,text/plain;q=0.1", TEXT],
    [
      "a scheme of escaping that there is not",
      "application/openmetrics-text;version=1.0.0;escaping=evil",
      OPENMETRICS,
    ],
    [
      "a line feed in a scheme of escaping",
      'application/openmetrics-text;escaping="dots\nset-cookie: a"',
      OPENMETRICS,
    ],
    [
      "another scheme of escaping",
      "application/openmetrics-text;escaping=values",
      `${OPENMETRICS}; escaping=values`,
    ],
    ["separators only", ",;,=;q", TEXT],
  ])("%s", (_name, accept, contentType) => {
    const chosen = negotiateFormat(accept);
    expect(chosen.contentType).toBe(contentType);
    expect(chosen.format).toBe(contentType === TEXT ? "text" : "openmetrics");
  });
});

describe("gzip", () => {
  test.each([
    [undefined, false],
    ["", false],
    ["identity", false],
    ["gzip", true],
    ["x-gzip", true],
    ["GZIP;q=0.5", true],
    ["br, zstd", false],
    ["*", true],
    ["*;q=0", false],
    ["gzip;q=0, *", false],
    ["deflate, gzip;q=1.0, *;q=0.5", true],
  ])("%s: %s", (header, accepted) => {
    expect(acceptsGzip(header)).toBe(accepted);
  });
});
