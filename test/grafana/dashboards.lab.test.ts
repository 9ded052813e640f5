// The dashboards over real data: two exporters, a broken router, and Prometheus. Every query is asked, and what panels
// transform goes through Grafana's own code.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { Lab } from "../lab/lab.ts";
import { VIP } from "../lab/topologies.ts";
import { BROKEN, BrokenFleet, BUCKETS, NAMES, PARALLEL } from "./broken-fleet.ts";
import { committedDashboards, filledIn } from "./committed.ts";
import { type Field, type Frame, Grafana } from "./grafana-data.ts";
import { PANELS, panelOf, Shown } from "./shown.ts";

/**
 * Queries that are rightly empty here: nothing fails to be sent, no rules are loaded that could alert. Everything else
 * has data.
 */
const RIGHTLY_EMPTY = ["exporter.json, Send errors, A", "overview.json, Alerts, A"];

const DASHBOARDS = committedDashboards();

describe.skipIf(inject("labMissing") !== "")("the dashboards", () => {
  let fleet: BrokenFleet;
  let lab: Lab;
  let grafana: Grafana;
  let shown: Shown;

  beforeAll(async () => {
    grafana = Grafana.load();
    fleet = await BrokenFleet.build();
    lab = fleet.lab;
    shown = new Shown(fleet, grafana);
  }, 150_000);
  afterAll(() => fleet?.stop());

  it("ask nothing that Prometheus refuses, and have data in every query but those that rightly have none", async () => {
    const empty: string[] = [];
    for (const placed of PANELS) {
      const [file, panel] = placed;
      for (const { query, series } of await shown.answers(placed)) {
        const numbers = series.flatMap(({ values }) => values.map(([, value]) => Number(value)));
        if (!numbers.some(Number.isFinite)) empty.push(`${file}, ${panel.title}, ${query.refId}`);
      }
    }
    expect(empty.sort()).toEqual(RIGHTLY_EMPTY);
  });

  it("find something for every variable, and annotate without an error", async () => {
    for (const [file, { templating, annotations }] of DASHBOARDS) {
      for (const { name, type, query } of templating.list) {
        if (type !== "query" || typeof query === "string") continue;
        const [, selector = "", label = ""] =
          /^label_values\((.*), (\w+)\)$/.exec(query.query) ?? [];
        expect(label, file).toBe(name);
        const found = await fleet.prometheus.values(label, filledIn(selector, ALL));
        expect(found.length, `${file}: ${name}`).toBe(
          { job: 1, instance: 2, protocol: 3, target: 4 }[name] ?? 0,
        );
      }
      for (const { name, expr } of annotations.list) {
        const found = await fleet.prometheus.over(filledIn(expr, ALL), fleet.from, fleet.to, 1);
        if (name === "Alerts") expect(found, file).toEqual([]);
      }
    }
  });

  it("show exemplars that carry a source port in every heatmap", async () => {
    const heatmaps = PANELS.filter(([, { type }]) => type === "heatmap");
    expect(heatmaps.length).toBeGreaterThan(0);
    for (const placed of heatmaps) {
      for (const query of placed[1].targets ?? []) {
        expect(query.exemplar).toBe(true);
        const found = await fleet.prometheus.exemplars(
          shown.filled(placed, query.expr),
          fleet.from,
          fleet.to,
        );
        expect(found.length).toBeGreaterThan(0);
        for (const { labels } of found) {
          expect(Number(labels["source_port"])).toBeGreaterThanOrEqual(61_000);
        }
      }
    }
  });

  it.each(["target.json", "fleet.json"])(
    "draw a node graph in %s whose edges end at nodes, with the broken link in red",
    async (file) => {
      const frames = await shown.frames(panelOf(file, "Topology"));
      expect(frames).toHaveLength(2);
      const edges = column(frames.find((frame) => named(frame, "source") !== undefined));
      const nodes = column(frames.find((frame) => named(frame, "source") === undefined));
      expect(new Set(nodes("id")).size).toBe(nodes("id").length);
      expect(new Set(edges("id")).size).toBe(edges("id").length);
      expect(nodes("id")).toEqual(expect.arrayContaining([...edges("source"), ...edges("target")]));

      // The network as it was built: every hop answers from its own address.
      const at = (name: string) =>
        name === "source" ? name : name === "vip" ? VIP : lab.address(name);
      const built = [
        ["source", "r1"],
        ...PARALLEL.flatMap((router) => [
          ["r1", router],
          [router, "r5"],
        ]),
        ["r5", "vip"],
      ].map((ends) => ends.map(at).join(">"));
      expect([...edges("id")].sort()).toEqual(built.sort());
      const byId = (ids: readonly unknown[], values: readonly unknown[]) =>
        new Map(ids.map((id, index) => [id, values[index]]));
      expect(nodes("title")).toEqual(nodes("id"));
      const subtitles = byId(nodes("id"), nodes("subtitle"));
      expect(NAMES).toContain(subtitles.get(at(BROKEN)));
      expect([...subtitles.values()].filter((name) => name !== "")).toHaveLength(1);

      const loss = byId(edges("id"), edges("mainstat"));
      const colour = byId(edges("id"), edges("color"));
      expect(loss.get([BROKEN, "r5"].map(at).join(">"))).toBeGreaterThan(10);
      const red = [...colour].filter(([, name]) => name === "red").map(([id]) => String(id));
      expect(red.length).toBeGreaterThan(0);
      expect(red.filter((id) => !id.includes(at(BROKEN)))).toEqual([]);
      for (const router of PARALLEL.filter((name) => name !== BROKEN)) {
        if (file === "target.json") {
          expect(loss.get(`${at("r1")}>${at(router)}`)).toBe(0);
          expect(colour.get(`${at("r1")}>${at(router)}`)).toBe("green");
        }
      }
      for (const [lost, passed] of zip(nodes("arc__lost"), nodes("arc__passed"))) {
        expect(Number(lost) + Number(passed)).toBeCloseTo(1, 9);
      }
      for (const rate of [...nodes("secondarystat"), ...edges("secondarystat")]) {
        expect(Number(rate)).toBeGreaterThan(0);
      }
    },
  );

  it("have in the overview one row for each target of each exporter, with its verdict and its worst path", async () => {
    const { titles, rows } = await shown.table("overview.json", "All targets");
    expect(titles).toEqual([
      "Target",
      "Protocol",
      "Address",
      "Port",
      "Verdict",
      "Success",
      "Failing",
      "Flows",
      "Paths",
      "Coverage",
      "Worst path",
      "Worst path's success",
      "Exporter",
      "Job",
    ]);
    expect(rows).toHaveLength(8);
    for (const row of rows.filter(({ Target }) => Target === "mysql")) {
      expect(row).toMatchObject({
        Verdict: 3,
        Flows: BUCKETS,
        Paths: 3,
        Address: VIP,
        Port: "3306",
      });
      const worst = await fleet.number(
        `ecmp_path_info{path="${row["Worst path"]}",hops=~".*${lab.address(BROKEN)} .*"}`,
      );
      expect(worst).toBe(1);
      expect(row["Worst path's success"]).toBeLessThan(Number(row["Success"]));
      expect(row["Failing"]).toBeGreaterThan(0);
    }
  });

  it("have a row for each flow, whose path and port are those that the API tells", async () => {
    const { titles, rows } = await shown.table("target.json", "Flows");
    expect(titles).toEqual([
      "Bucket",
      "Source port",
      "State",
      "Success",
      "Last hop",
      "Name",
      "Path",
      "Exporter",
      "Job",
    ]);
    expect(rows).toHaveLength(2 * BUCKETS);
    expect(rows[0]?.["State"]).toBe(0);
    expect(rows.at(-1)?.["State"]).toBe(1);
    for (const daemon of fleet.daemons) {
      const { flows } = (await daemon.target("mysql")) as {
        flows: { bucket: number; source_port: number; state: string; path: string | null }[];
      };
      const exporter = daemon.url.replace("http://", "");
      for (const flow of flows) {
        const row = rows.find(
          ({ Bucket, Exporter }) => Bucket === flow.bucket && Exporter === exporter,
        );
        expect(row).toMatchObject({
          "Source port": flow.source_port,
          State: flow.state === "up" ? 1 : 0,
        });
        const path = row?.["Path"] ?? null;
        const digits = path === null ? null : grafana.shown("hex", Number(path));
        expect(digits?.toLowerCase().padStart(8, "0") ?? null).toBe(flow.path);
        if (flow.state === "failing") {
          expect(row?.["Last hop"]).toBe(lab.address(BROKEN));
          expect(NAMES).toContain(row?.["Name"]);
        }
      }
    }
  });

  it("link from a flow to what the API says about its target", async () => {
    const [, panel] = panelOf("target.json", "Flows");
    const properties = (panel.fieldConfig?.overrides ?? []).flatMap((one) => one.properties);
    const [link] = properties.flatMap(({ id, value }) =>
      id === "links" ? (value as { readonly url: string }[]) : [],
    );
    const { rows } = await shown.table("target.json", "Flows");
    const url = (link?.url ?? "")
      .replace(/\$\{__data\.fields\.Exporter\}/, String(rows[0]?.["Exporter"]))
      .replace(/\$\{target:percentencode\}/, "mysql");
    const response = await fetch(url);
    expect([url, response.status]).toEqual([url, 200]);
    expect(await response.json()).toMatchObject({ name: "mysql", verdict: "path_fault" });
  });

  it("have a matrix of exporters and targets, and the broken link first among the links", async () => {
    const matrix = await shown.table("fleet.json", "Success from exporter to target");
    const [corner, ...targets] = matrix.titles;
    expect(corner).toBe("instance\\target");
    expect(targets.sort()).toEqual(["closed", "echo", "mysql", "ping"]);
    expect(matrix.rows).toHaveLength(2);

    const { rows } = await shown.table("fleet.json", "Links");
    const [first] = rows;
    expect([first?.["From"], first?.["To"]]).toContain(lab.address(BROKEN));
    expect(rows.find(({ To }) => To === VIP)).toMatchObject({ "Crossed by": 2, "Failing for": 2 });
    const accused = rows.filter((row) => row["Suspected by"] !== null);
    expect(accused.length).toBeGreaterThan(0);
  });

  it("list the suspects, and every path with its hops", async () => {
    const suspects = await shown.table("target.json", "Suspects");
    const always = ["Place", "From", "To", "Loss", "Segment", "Exporter", "Job"];
    expect(suspects.titles.filter((title) => title !== "Name")).toEqual(always);
    expect(new Set(suspects.rows.map(({ Exporter }) => Exporter)).size).toBe(2);
    const { rows } = await shown.table("target.json", "Paths");
    const hops = rows.flatMap((row) => (row["Hops"] ? [String(row["Hops"])] : []));
    expect(hops.sort()).toEqual(
      PARALLEL.map((router) =>
        [...["r1", router, "r5"].map((name) => lab.address(name)), VIP].join(" > "),
      ).sort(),
    );
  });

  it("sort the buckets by number and put ping beside the flows of the same address", async () => {
    const legends = async (title: string) => {
      const answers = await shown.answers(panelOf("target.json", title));
      return answers.flatMap(({ series }) => series.map(({ metric }) => metric));
    };
    const buckets = (await legends("Success by flow bucket")).map((metric) => metric["bucket"]);
    const numbers = Array.from({ length: BUCKETS }, (_, bucket) => String(bucket).padStart(4, "0"));
    expect(buckets).toEqual(numbers.flatMap((bucket) => [bucket, bucket]));
    const compared = (await legends("Success by protocol")).map((metric) => metric["protocol"]);
    expect(compared.sort()).toEqual(["icmp", "icmp", "tcp", "tcp", "tcp", "tcp", "udp", "udp"]);
  });
});

const ALL = { job: ".+", instance: ".+", protocol: ".+", target: ".+", __rate_interval: "4s" };

/** The field of a name, as a node graph looks for it: by its real name, not by what it is shown as. */
function named(frame: Frame | undefined, name: string): Field | undefined {
  return frame?.fields.find((field) => field.name === name);
}

/** The values of the fields of a frame, by name. @throws Error where there is no such field */
function column(frame: Frame | undefined): (name: string) => readonly (number | string | null)[] {
  return (name) => {
    const field = named(frame, name);
    if (field === undefined) throw new Error(`no field ${name}`);
    return field.values;
  };
}

function zip<A, B>(left: readonly A[], right: readonly B[]): [A, B | undefined][] {
  return left.map((value, index) => [value, right[index]]);
}
