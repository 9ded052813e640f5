import { expect, test } from "vitest";
import { grafanaAddress } from "../../../src/http/page/grafana.js";

test("the page links to the dashboard of what is looked at, below whatever path Grafana has", () => {
  expect(grafanaAddress("https://grafana.example.net", undefined)).toBe(
    "https://grafana.example.net/d/ecmp-overview",
  );
  expect(grafanaAddress("https://example.net/grafana/?orgId=2", "a b&c")).toBe(
    "https://example.net/grafana/d/ecmp-target?orgId=2&var-target=a+b%26c",
  );
});

test("there is no link where nobody says where Grafana is", () => {
  expect(grafanaAddress(null, "a")).toBeUndefined();
  expect(grafanaAddress("", "a")).toBeUndefined();
});
