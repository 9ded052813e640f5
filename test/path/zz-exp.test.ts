import { test } from "vitest";
import { SimulatedRouters, type Fault, type RouterPlan } from "../support/simulated-routers.ts";
import { TracingRig, mostWithin } from "../support/tracing-rig.ts";

function story(width: number, seed: number): SimulatedRouters {
  const plan: Record<string, RouterPlan> = {};
  const mid = Array.from({ length: width }, (_, i) => `10.0.0.${i + 2}`);
  plan["10.0.0.1"] = { next: mid };
  for (const m of mid) plan[m] = { next: ["10.0.0.100"] };
  plan["10.0.0.100"] = { next: [] };
  return new SimulatedRouters(plan, "198.51.100.2", seed);
}
for (const surveyed of [true, false])
  for (const fault of ["drops before", "drops after"] as Fault[])
    test(`${surveyed} ${fault}`, () => {
      for (let seed = 1; seed <= 12; seed++) {
        const net = story(3, seed);
        const rig = new TracingRig(net);
        if (surveyed) rig.surveyor.start(rig.target);
        rig.run(surveyed ? 60000 : 11000);
        const before = rig.sentAt.length;
        const surveyPackets = rig.packets.survey;
        net.faults.set("10.0.0.3", fault);
        const at = rig.now;
        rig.probeAll();
        const fail = rig.flows.filter((f) => f.state === "failing");
        let right = 0; let settled = Infinity;
        for (let t = 0; t < 90000; t += 500) {
          rig.run(500);
          const ok = fail.filter((f) => rig.lastHops.current(f) === net.lastHop(f.sourcePort)).length;
          if (ok === fail.length) { if (settled === Infinity) settled = rig.now - at; } else settled = Infinity;
          right = ok;
        }
        const by = new Map<string, typeof net.asked>(); for (const a of net.asked) { const l = by.get(a.who) ?? []; l.push(a); by.set(a.who, l); }
        const perHop = [...by].map(([who, a]) => `${who}:${mostWithin(a.map((x) => x.at), 1000)}`);
        console.log(seed, "failing", fail.length, "settled", settled, "right", right, "survey", surveyPackets, "paths", rig.topology.taken().size, "pk", rig.sentAt.length - before, "pps", mostWithin(rig.sentAt, 1000), perHop.join(" "));
      }
    }, 60000);
