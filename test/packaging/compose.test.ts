import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { exists, pathOf, read, readYaml } from "./read.ts";
import { type Keys, misfits } from "./shape.ts";

/** A service, as the Compose specification has it; the fields that are used here and their neighbours. */
interface ComposeService {
  readonly image: string;
  readonly build?: unknown;
  readonly command?: readonly string[];
  readonly network_mode: string;
  readonly cap_add?: readonly string[];
  readonly cap_drop: readonly string[];
  readonly read_only: boolean;
  readonly security_opt?: readonly string[];
  readonly volumes: readonly string[];
  readonly extra_hosts?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: readonly string[];
}

interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const SECONDS = /^\d+s$/;
const SERVICE: Keys = {
  "image!": "text",
  build: { "context!": "text", args: { "*": "text" }, dockerfile: "text", target: "text" },
  command: ["text"],
  environment: { "*": "text" },
  network_mode: /^(host|none|bridge)$/,
  extra_hosts: [/^[a-z]+:[0-9.]+$/],
  cap_add: [/^[A-Z_]+$/],
  cap_drop: [/^[A-Z_]+$/],
  security_opt: [/^no-new-privileges:true$/],
  read_only: "flag",
  tmpfs: [/^\//],
  user: "text",
  volumes: [/^(\.\/)?[a-z./-]+:\/[a-z./-]+(:ro)?$/],
  healthcheck: {
    "test!": ["text"],
    interval: SECONDS,
    timeout: SECONDS,
    retries: "whole",
    start_period: SECONDS,
  },
  depends_on: ["text"],
  logging: { "driver!": "text", options: { "*": "text" } },
  mem_limit: /^\d+[kmg]$/,
  pids_limit: "whole",
  restart: /^(no|always|on-failure|unless-stopped)$/,
};

const { services, volumes } = readYaml<Compose>("compose.yaml");
const { exporter, grafana, prometheus } = services;
const others = Object.entries(services).filter(([name]) => name !== "exporter");

/** What a service mounts from this directory: where it is here and where it is there. */
function binds(service: ComposeService | undefined): { from: string; to: string }[] {
  return (service?.volumes ?? [])
    .filter((volume) => volume.startsWith("./"))
    .map((volume) => volume.split(":"))
    .map(([from = "", to = ""]) => ({ from: from.slice(2), to }));
}

describe("compose.yaml", () => {
  it("has no key that the Compose specification does not have", () => {
    const shape: Keys = { "services!": { "*": SERVICE }, volumes: { "*": "any" } };
    expect(misfits(readYaml("compose.yaml"), shape)).toEqual([]);
  });

  it("gives the exporter the host's network and NET_RAW, and no flag that voids it", () => {
    expect(exporter).toMatchObject({
      network_mode: "host",
      cap_drop: ["ALL"],
      cap_add: ["NET_RAW"],
      read_only: true,
    });
    expect(exporter?.security_opt).toBeUndefined();
  });

  it.each(others)("gives %s no privilege, a version and a health check", (_name, service) => {
    expect(service.cap_drop).toEqual(["ALL"]);
    expect(service.cap_add).toBeUndefined();
    expect(service.security_opt).toEqual(["no-new-privileges:true"]);
    expect(service.read_only).toBe(true);
    expect(service.image).toMatch(/:v?\d+\.\d+\.\d+$/);
    expect(service.healthcheck?.test[0]).toBe("CMD");
  });

  it("leaves the exporter's health check to the image, which has one", () => {
    expect(exporter?.healthcheck).toBeUndefined();
    expect(read("Dockerfile")).toMatch(/^HEALTHCHECK /m);
  });

  it("names only services and volumes that there are", () => {
    const named = Object.values(services).flatMap((service) => service.depends_on ?? []);
    expect(named.filter((name) => !(name in services))).toEqual([]);
    const mounted = Object.values(services).flatMap((service) =>
      service.volumes.filter((volume) => !volume.startsWith("./")).map((v) => v.split(":")[0]),
    );
    expect(mounted.sort()).toEqual(Object.keys(volumes).sort());
  });

  it("lets all but the exporter listen on the loopback address alone", () => {
    for (const name of ["prometheus", "alertmanager"]) {
      const listen = services[name]?.command?.find((flag) => flag.startsWith("--web.listen"));
      expect(listen).toMatch(/=127\.0\.0\.1:\d+$/);
    }
    expect(read("compose.yaml")).toContain("GF_SERVER_HTTP_ADDR: 127.0.0.1");
  });

  it("starts the exporter with the configuration that it mounts", () => {
    const [, file = ""] = /^CMD \["--config\.file=(.*)"\]$/m.exec(read("Dockerfile")) ?? [];
    const [bind] = binds(exporter);
    expect(file).toBe(`${bind?.to}/ecmp-exporter.yml`);
    expect(exists(`${bind?.from}/ecmp-exporter.yml`)).toBe(true);
  });
});

/** The other half of the stack: files that this one mounts. */
const stack = ["config/prometheus/prometheus.yml", "config/alertmanager.yml", "grafana/dashboards"];
const missing = stack.filter((file) => !exists(file));
if (missing.length > 0) console.info(`what compose.yaml mounts is not all there: ${missing}`);

describe.skipIf(missing.length > 0)("what compose.yaml mounts", () => {
  it("is there", () => {
    const all = Object.values(services).flatMap((service) => binds(service));
    expect(all.map(({ from }) => from).filter((from) => !exists(from))).toEqual([]);
  });

  it("has Prometheus scrape the exporter and reach Alertmanager where they listen", () => {
    const config = read("config/prometheus/prometheus.yml");
    expect(config).toContain('["127.0.0.1:10190"]');
    const listen = services["alertmanager"]?.command?.join("\n") ?? "";
    const [, alertmanager = ""] = /--web\.listen-address=(.*)/.exec(listen) ?? [];
    expect(config).toContain(`["${alertmanager}"]`);
    expect(prometheus?.command).toContain("--config.file=/etc/prometheus/prometheus.yml");
  });

  it("has Grafana find its dashboards where they are mounted, and its data sources by their names", () => {
    const provider = readYaml<{ providers: { options: { path: string } }[] }>(
      "grafana/provisioning/dashboards/ecmp-exporter.yml",
    );
    const paths = provider.providers.map(({ options }) => options.path);
    expect(binds(grafana)).toContainEqual({ from: "grafana/dashboards", to: paths[0] });
    const sources = readYaml<{ datasources: { url: string }[] }>(
      "grafana/provisioning/datasources/ecmp-exporter.yml",
    );
    for (const { url } of sources.datasources) {
      const { hostname, port } = new URL(url);
      expect(grafana?.extra_hosts).toContain(`${hostname}:127.0.0.1`);
      expect(services[hostname]?.command?.join("\n")).toContain(`127.0.0.1:${port}`);
    }
  });
});

const docker = spawnSync("docker", ["compose", "version"]).status === 0;
const composeCommand = docker
  ? ["docker", "compose"]
  : spawnSync("docker-compose", ["version"]).status === 0
    ? ["docker-compose"]
    : [];
if (composeCommand.length === 0) {
  console.info("Docker Compose is not installed: its view of compose.yaml is skipped");
}

it.skipIf(composeCommand.length === 0)("Docker Compose itself takes the file", () => {
  const [command = "", ...args] = composeCommand;
  const { status, stderr } = spawnSync(
    command,
    [...args, "--file", pathOf("compose.yaml"), "config", "--quiet"],
    { encoding: "utf8" },
  );
  expect(stderr).toBe("");
  expect(status).toBe(0);
});
