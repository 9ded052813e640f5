import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadConfig } from "../support/load-config.ts";
import { SHAPES } from "./kubernetes-shapes.ts";
import { exists, pathOf, read, readYaml } from "./read.ts";
import { misfits, type Shape } from "./shape.ts";

const FOLDER = "config/kubernetes";
const RULES = "config/prometheus/rules";

interface Generator {
  readonly name: string;
  readonly files: readonly string[];
  readonly options?: { readonly disableNameSuffixHash?: boolean };
}

interface Kustomization {
  readonly namespace: string;
  readonly resources: readonly string[];
  readonly images: readonly { readonly name: string; readonly newTag: string }[];
  readonly configMapGenerator: readonly Generator[];
}

interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
}

interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

interface DaemonSet extends Resource {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly hostNetwork: boolean;
        readonly dnsPolicy: string;
        readonly securityContext: Readonly<Record<string, unknown>>;
        readonly containers: readonly Container[];
        readonly volumes: readonly { name: string; configMap: { name: string } }[];
      };
    };
  };
}

interface Service extends Resource {
  readonly spec: {
    readonly clusterIP: string;
    readonly selector: Readonly<Record<string, string>>;
    readonly ports: readonly { name: string; port: number; targetPort: string }[];
  };
}

const kustomization = readYaml<Kustomization>(`${FOLDER}/kustomization.yaml`);
const daemonSet = readYaml<DaemonSet>(`${FOLDER}/daemonset.yaml`);
const service = readYaml<Service>(`${FOLDER}/service.yaml`);
const pod = daemonSet.spec.template.spec;
const [container] = pod.containers;
if (container === undefined) throw new Error("the DaemonSet has no container");

/** Where the pod has a ConfigMap of the kustomization. */
function mountOf(configMap: string): string | undefined {
  const volume = pod.volumes.find((each) => each.configMap.name === configMap)?.name;
  return container?.volumeMounts.find(({ name }) => name === volume)?.mountPath;
}

describe("the Kubernetes resources", () => {
  it("are those of the kustomization, each a file that is there", () => {
    const files = readdirSync(pathOf(FOLDER)).filter((name) => name.endsWith(".yaml"));
    expect([...kustomization.resources, "kustomization.yaml"].sort()).toEqual(files.sort());
    const generated = kustomization.configMapGenerator.flatMap(({ files }) => files);
    expect(generated.filter((file) => !exists(`${FOLDER}/${file}`))).toEqual([]);
  });

  it.each(kustomization.resources)("have no field that the API does not have: %s", (file) => {
    const resource = readYaml<Resource>(`${FOLDER}/${file}`);
    const shape = SHAPES[`${resource.apiVersion} ${resource.kind}`];
    if (shape === undefined) throw new Error(`no shape for ${resource.kind}`);
    expect(misfits(resource, shape)).toEqual([]);
  });

  it("select the pods of the DaemonSet, and its port by name", () => {
    const { labels } = daemonSet.spec.template.metadata;
    expect(daemonSet.spec.selector.matchLabels).toEqual(labels);
    expect(service.spec.selector).toEqual(labels);
    const names = container.ports.map(({ name }) => name);
    expect(service.spec.ports.map(({ targetPort }) => targetPort)).toEqual(names);
    const monitor = readYaml<{
      spec: { selector: { matchLabels: unknown }; endpoints: { port: string }[]; jobLabel: string };
    }>(`${FOLDER}/service-monitor.yaml`);
    expect(monitor.spec.selector.matchLabels).toEqual(service.metadata.labels);
    expect(monitor.spec.endpoints.map(({ port }) => port)).toEqual(
      service.spec.ports.map(({ name }) => name),
    );
    // The alert EcmpExporterDown looks for jobs with "ecmp" in their names.
    expect(service.metadata.labels[monitor.spec.jobLabel]).toMatch(/ecmp/);
  });

  it("give the exporter NET_RAW and nothing else, in a way that works for its user", () => {
    const { securityContext } = container;
    expect(securityContext["capabilities"]).toEqual({ drop: ["ALL"], add: ["NET_RAW"] });
    expect(securityContext["readOnlyRootFilesystem"]).toBe(true);
    expect(securityContext["privileged"]).toBeUndefined();
    // no_new_privs voids file capabilities under some runtimes, and the image's user has no other.
    expect(securityContext["allowPrivilegeEscalation"]).toBe(true);
    const [, user] = /^USER (\d+):\d+$/m.exec(read("Dockerfile")) ?? [];
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: Number(user) });
  });

  it("run the image that the kustomization names, in the version of this package", () => {
    const { version } = JSON.parse(read("package.json")) as { version: string };
    expect(kustomization.images).toEqual([{ name: container.image, newTag: version }]);
  });

  it("probe the addresses of the headless service: a mesh", async () => {
    const [, file = ""] = /--config\.file=(.*)/.exec(container.args.join("\n")) ?? [];
    expect(`${mountOf("ecmp-exporter")}/ecmp-exporter.yml`).toBe(file);
    const config = await loadConfig({ file: pathOf(`${FOLDER}/ecmp-exporter.yml`), env: {} });
    const [mesh] = config.targets;
    expect(mesh).toMatchObject({
      host: `${service.metadata.name}.${kustomization.namespace}.svc.cluster.local`,
      resolve: "all",
      port: container.ports[0]?.containerPort,
    });
    expect(service.spec.clusterIP).toBe("None");
    expect([pod.hostNetwork, pod.dnsPolicy]).toEqual([true, "ClusterFirstWithHostNet"]);
    expect(config.targetFiles.map(dirname)).toEqual([mountOf("ecmp-exporter-targets")]);
  });

  it("mount the ConfigMap of targets under a name that does not change", () => {
    const generators = kustomization.configMapGenerator;
    expect(generators.map(({ name }) => name).sort()).toEqual(
      pod.volumes.map(({ configMap }) => configMap.name).sort(),
    );
    const stays = generators.filter(({ options }) => options?.disableNameSuffixHash === true);
    expect(stays.map(({ name }) => name)).toEqual(["ecmp-exporter-targets"]);
  });

  it.skipIf(!exists(RULES))("have the rules of config/prometheus/rules; npm run kubernetes", () => {
    const groups = readdirSync(pathOf(RULES))
      .filter((name) => name.endsWith(".yml"))
      .sort()
      .flatMap((name) => (parse(read(`${RULES}/${name}`)) as { groups: unknown[] }).groups);
    const rule = readYaml<{ spec: { groups: unknown[] } }>(`${FOLDER}/prometheus-rule.yaml`);
    expect(rule.spec.groups).toEqual(groups);
  });
});

const DASHBOARDS = "grafana/dashboards";

it.skipIf(!exists(DASHBOARDS))(
  "Grafana's sidecar gets every dashboard, in a ConfigMap each",
  () => {
    const generators = readYaml<Kustomization>("grafana/kustomization.yaml").configMapGenerator;
    const files = generators.map(({ files }) => files);
    expect(files).toEqual(
      readdirSync(pathOf(DASHBOARDS))
        .sort()
        .map((name) => [`dashboards/${name}`]),
    );
    // What etcd takes.
    const sizes = files.map(([file = ""]) => read(`grafana/${file}`).length);
    expect(Math.max(...sizes)).toBeLessThan(1024 * 1024);
  },
);

describe("the shapes", () => {
  const shape: Shape = {
    "name!": /^[a-z]+$/,
    ports: [{ "port!": "whole" }],
    on: "flag",
    say: "text",
  };

  it.each([
    [{ name: "a", ports: [{ port: 1 }], on: true, say: "" }, []],
    [{}, ["the document lacks name"]],
    [{ name: "A" }, ["name is A, not like /^[a-z]+$/"]],
    [{ name: "a", nome: 1 }, ["nome is no key there"]],
    [{ name: "a", ports: { port: 1 } }, ["ports is no list"]],
    [{ name: "a", ports: [{ port: "1" }] }, ["ports[0].port is no whole number"]],
    [{ name: "a", ports: [7] }, ["ports[0] is no mapping"]],
    [{ name: "a", on: "yes", say: 1 }, ["on is neither true nor false", "say is no text"]],
  ] as const)("find what does not fit in %j", (value, expected) => {
    expect(misfits(value, shape)).toEqual(expected);
  });
});
