// Writes config/kubernetes/prometheus-rule.yaml, the rules of config/prometheus/rules as the Prometheus operator takes them.
// Run it after a change of the rules; a test compares the two.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { parse, stringify } from "yaml";

const rules = new URL("../config/prometheus/rules/", import.meta.url);
const files = readdirSync(rules)
  .filter((name) => name.endsWith(".yml"))
  .sort();
const groups = files.flatMap((name) => parse(readFileSync(new URL(name, rules), "utf8")).groups);
const resource = {
  apiVersion: "monitoring.coreos.com/v1",
  kind: "PrometheusRule",
  metadata: { name: "ecmp-exporter", labels: { "app.kubernetes.io/name": "ecmp-exporter" } },
  spec: { groups },
};
const comment = `# Written by "npm run kubernetes" from config/prometheus/rules, where the comments are: change it there.\n`;
const text = `${comment}${stringify(resource, { lineWidth: 0 })}`;
writeFileSync(new URL("../config/kubernetes/prometheus-rule.yaml", import.meta.url), text);
