//   c1 ── l1 ─┐     ┌─ s1 ─┐
//   c2 ── l2 ─┼mesh─┼─ s2 ─┼─ l4 ── vip
//   c3 ── l3 ─┘     ├─ s3 ─┤
//                   └─ s4 ─┘
// Three exporters in three racks; each spine answers from the interface that faces the asker. Whatever happens to s3,
// all three suspect one place of one name.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, inject, it } from "vitest";
import { inventoryOf } from "../blind/inventory.ts";
import { Looks, timeline } from "../blind/looks.ts";
import { Daemon, NEVER } from "../lab/daemon.ts";
import * as faults from "../lab/faults.ts";
import { Lab } from "../lab/lab.ts";
import { startService } from "../lab/services.ts";
import { VIP } from "../lab/topologies.ts";
import { defineLab, interfaceTo, type LinkSpec, type Topology } from "../lab/topology.ts";

const CLIENTS = ["c1", "c2", "c3"];
const SPINES = ["s1", "s2", "s3", "s4"];
const LEAVES = ["l1", "l2", "l3", "l4"];
const WATCHED_MS = 60_000;
/** Two rounds and their traces; what is told after that has to agree. */
const SETTLED_MS = 35_000;

describe.skipIf(inject("labMissing") !== "").concurrent("three exporters in three racks", () => {
  it.each([
    { what: "drops behind it", inventory: false, begin: faults.dropForward },
    { what: "drops behind it", inventory: true, begin: faults.dropForward },
    { what: "is gone", inventory: true, begin: faults.dropEarly },
  ])(
    "suspect one name: a spine $what, inventory $inventory",
    async ({ what, inventory, begin }) => {
      const lab = await Lab.build(racks());
      try {
        await startService(lab, "vip", "tcp", 3306);
        const files = join(lab.temporaryDirectory(), "routers.json");
        writeFileSync(files, JSON.stringify(inventoryOf(lab)));
        const daemons = await Promise.all(
          CLIENTS.map((client) =>
            Daemon.start(lab, client, {
              probe: { rotation: NEVER },
              ...(inventory ? { routers: { files: [files] } } : {}),
              targets: [{ name: "service", host: VIP, port: 3306, protocol: "tcp" }],
            }),
          ),
        );
        try {
          const looks = daemons.map((daemon) => new Looks(daemon, "service"));
          await Promise.all(looks.map((each) => each.learnt(150_000)));
          await begin(lab, "s3");
          const brokenAt = performance.now();
          const seen = await Promise.all(looks.map((each) => each.during(WATCHED_MS)));
          const settled = seen.map((each) => each.filter(({ at }) => at - brokenAt > SETTLED_MS));
          const told = settled.map((each) =>
            each.map(({ view }) => view.suspects.map(({ name }) => name ?? "-").join()),
          );
          const names = [...new Set(told.flat())];
          const log = seen.map(timeline).join("\n--\n");
          console.log(`inventory ${inventory}: names ${names}\n${log}`);
          const right = inventory
            ? // What drops behind the answer of s3 may be s3 or its link to l4, which is called by its far end.
              [what === "is gone" ? "s3" : "l4"]
            : [
                interfaceTo(lab.topology, "l4", "s3").address,
                interfaceTo(lab.topology, "s3", "l4").address,
              ];
          assert.equal(names.length, 1, log);
          assert.ok(right.includes(names[0] ?? ""), `${names} is none of ${right}\n${log}`);
          const series = await Promise.all(daemons.map((daemon) => daemon.metrics()));
          const labels = series.flatMap((each) =>
            each.series("ecmp_suspect_link_loss_ratio").map((sample) => sample.labels["name"]),
          );
          assert.deepEqual(labels, [names[0], names[0], names[0]]);
        } finally {
          await Promise.all(daemons.map((daemon) => daemon.stop()));
        }
      } finally {
        await lab.destroy();
      }
    },
  );
});

function racks(): Topology {
  const mesh = LEAVES.flatMap((leaf) => SPINES.map((spine): LinkSpec => [leaf, spine]));
  return defineLab({
    name: "racks",
    answersFrom: "interface",
    hostAccess: CLIENTS,
    nodes: {
      ...Object.fromEntries(CLIENTS.map((name) => [name, {}])),
      ...Object.fromEntries([...LEAVES, ...SPINES].map((name) => [name, { router: true }])),
      vip: { services: [VIP] },
    },
    links: [
      ...CLIENTS.map((name, rack): LinkSpec => [name, `l${rack + 1}`]),
      ...mesh,
      ["l4", "vip"],
    ],
  });
}
