import { describe, expect, it } from "vitest";
import type { Lookup } from "../../src/discovery/name-lookup.ts";
import { TargetSet } from "../../src/discovery/target-set.ts";
import { Engine } from "../../src/engine/engine.ts";
import type { TargetSpec } from "../../src/flow/target.ts";
import { createLog } from "../../src/log.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { ipv6LoopbackIsMissing } from "../support/loopback.ts";
import { MemoryNetwork } from "../support/memory-network.ts";
import { flowsOf } from "../support/prober-rig.ts";
import { makeTarget } from "../support/target.ts";

/** A target set over a whole engine that sends nowhere, with a name server that knows `names`. */
class Rig {
  readonly names: Map<string, readonly string[] | Error> = new Map();
  readonly said: string[] = [];
  readonly engine: Engine;
  readonly set: TargetSet;
  readonly clock: FakeClock;
  changes = 0;
  /** Names in the order in which they were asked for. */
  readonly asked: string[] = [];
  /** While set, no name is answered before it is done. */
  holdAnswers: Promise<void> | undefined;
  /** While set, names without an address are not answered before it is done. */
  silent: Promise<void> | undefined;

  constructor() {
    const clock = new FakeClock();
    const write = (line: string): void => void this.said.push(line.replace(/^ts=\S+ /, ""));
    const log = createLog({ level: "info", format: "logfmt", clock, write });
    const network = new MemoryNetwork(clock);
    const wire = { sender: network, receiver: network };
    const settings = {
      packetsPerSecond: 1000,
      trace: { maxHops: 30, attempts: 3, packetsPerSecond: 100, hopPacketsPerSecond: 10 },
    };
    this.engine = new Engine({ wire, clock, settings });
    const lookup: Lookup = async (host) => {
      this.asked.push(host);
      await this.holdAnswers;
      const answer = this.names.get(host);
      if (answer === undefined) {
        await this.silent;
        throw Object.assign(new Error(`getaddrinfo ${host}`), { code: "ENOTFOUND" });
      }
      if (answer instanceof Error) throw answer;
      return answer.map((text) => ({ address: text }));
    };
    const changed = () => {
      this.changes += 1;
    };
    this.set = new TargetSet(this.engine, log, changed, lookup, () => clock.monotonic());
    this.clock = clock;
  }

  async apply(...specs: readonly TargetSpec[]): Promise<void> {
    this.set.apply(specs);
    await this.set.refresh();
  }

  /** `NAME ADDRESS` or `NAME: ERROR` of every target that is shown. */
  shown(): string[] {
    return this.set
      .shown()
      .map(({ spec, probed, error }) =>
        probed === undefined
          ? `${spec.name}: ${error}`
          : `${spec.name} ${probed.target.address.text}`,
      );
  }
}

/** A target as configured, eight flows. */
function spec(name: string, host: string, settings: Partial<TargetSpec> = {}): TargetSpec {
  const { address: _, source: __, ...rest } = makeTarget({ name, ...settings });
  return { ...rest, host };
}

const [A, B, C] = ["127.0.0.2", "127.0.0.3", "127.0.0.4"] as const;

describe("a set of targets", () => {
  it("probes addresses and names, each with its flows", async () => {
    const rig = new Rig();
    rig.names.set("db.test", [B]);
    await rig.apply(spec("a", A), spec("b", "db.test"));
    expect(rig.shown()).toEqual([`a ${A}`, `b ${B}`]);
    expect(rig.set.probed().map((probed) => flowsOf(probed).length)).toEqual([8, 8]);
    expect(rig.set.probed()).toEqual([...rig.engine.prober.targets]);
  });

  it.skipIf(ipv6LoopbackIsMissing())("probes IPv6 beside IPv4, by name and address", async () => {
    const rig = new Rig();
    rig.names.set("db.test", ["::1", B]);
    const six = spec("six", "db.test", { family: "ipv6" });
    await rig.apply(
      six,
      spec("four", "db.test"),
      spec("all", "db.test", { resolve: "all", port: 1 }),
    );
    expect(rig.shown()).toEqual(["six ::1", `four ${B}`, `all/${B} ${B}`, "all/::1 ::1"]);
    const families = rig.set.probed().map(({ target }) => [target.address, target.source]);
    expect(families.map((ends) => ends.map(({ family }) => family))).toEqual([
      [6, 6],
      [4, 4],
      [4, 4],
      [6, 6],
    ]);
  });

  it("shows a target that is not resolved yet as such", () => {
    const rig = new Rig();
    rig.set.apply([spec("a", A), spec("b", "db.test")]);
    expect(rig.shown()).toEqual(["a: probing is about to begin", "b: the name is being resolved"]);
    expect(rig.changes).toBe(1);
  });

  it("shows why a name does not resolve, says it once, and takes the name when it does", async () => {
    const rig = new Rig();
    await rig.apply(spec("a", A), spec("b", "db.test"));
    const error = "cannot resolve db.test: no such name, or no address of this family (ENOTFOUND)";
    expect(rig.shown()).toEqual([`a ${A}`, `b: ${error}`]);
    const warned = () => rig.said.filter((line) => line.includes("target cannot be probed"));
    await rig.set.refresh();
    expect(warned()).toEqual([
      `level=warn msg="target cannot be probed" target=b error="${error}"\n`,
    ]);
    rig.names.set("db.test", [B]);
    await rig.set.refresh();
    expect(rig.shown()).toEqual([`a ${A}`, `b ${B}`]);
  });

  it("tells that the list has changed whenever what it shows is another", async () => {
    const rig = new Rig();
    rig.set.apply([spec("b", "db.test")]);
    const told: string[][] = [];
    const look = async () => {
      const before = rig.changes;
      await rig.set.refresh();
      if (rig.changes > before) told.push(rig.shown());
    };
    await look();
    await look();
    rig.names.set("db.test", Object.assign(new Error("servers"), { code: "EAI_AGAIN" }));
    await look();
    rig.names.set("db.test", [B]);
    await look();
    await look();
    expect(told).toEqual([
      ["b: cannot resolve db.test: no such name, or no address of this family (ENOTFOUND)"],
      ["b: cannot resolve db.test: the name server did not answer (EAI_AGAIN)"],
      [`b ${B}`],
    ]);
  });

  it("goes on probing the address it had while its name does not resolve", async () => {
    const rig = new Rig();
    rig.names.set("db.test", [B]);
    await rig.apply(spec("b", "db.test"));
    const [before] = rig.set.probed();
    rig.names.delete("db.test");
    await rig.set.refresh();
    expect(rig.set.probed()).toEqual([before]);
    expect(rig.shown()).toEqual([`b ${B}`]);
  });

  it("moves with its name, with new flows and without the old", async () => {
    const rig = new Rig();
    rig.names.set("db.test", [B]);
    await rig.apply(spec("b", "db.test"));
    const [before] = rig.set.probed();
    rig.names.set("db.test", [C]);
    await rig.set.refresh();
    expect(rig.shown()).toEqual([`b ${C}`]);
    expect(rig.engine.prober.targets.size).toBe(1);
    expect(before?.flows.every((flow) => flow?.active === false)).toBe(true);
    expect(rig.said).toEqual([
      `level=info msg="target address changed" target=b from=${B} to=${C}\n`,
    ]);
  });

  it("stays with its address while that is among the answers, in whatever order", async () => {
    const rig = new Rig();
    rig.names.set("db.test", [B, C]);
    await rig.apply(spec("b", "db.test"));
    const [before] = rig.set.probed();
    rig.names.set("db.test", [C, B]);
    await rig.set.refresh();
    expect(rig.set.probed()).toEqual([before]);
  });

  it("makes every address of a name a target of its own, and follows the answers", async () => {
    const rig = new Rig();
    rig.names.set("db.test", [B, A]);
    await rig.apply(spec("b", "db.test", { resolve: "all" }));
    expect(rig.shown()).toEqual([`b/${A} ${A}`, `b/${B} ${B}`]);
    const kept = rig.set.probed().find(({ target }) => target.address.text === B);
    rig.names.set("db.test", [C, B]);
    await rig.set.refresh();
    expect(rig.shown().sort()).toEqual([`b/${A} ${A}`, `b/${B} ${B}`, `b/${C} ${C}`]);
    expect(rig.set.probed()).toContain(kept);
    // What works may only have been left out of one answer; after ten minutes without it is gone.
    rig.clock.advance(600_000);
    await rig.set.refresh();
    expect(rig.shown().sort()).toEqual([`b/${B} ${B}`, `b/${C} ${C}`]);
    expect(rig.set.probed()).toContain(kept);
  });

  it("keeps every target of a name whose answers are another part of a long list each time", async () => {
    const rig = new Rig();
    const parts = [
      [A, B],
      [B, C],
      [A, C],
    ];
    const probed = new Set<unknown>();
    for (let round = 0; round < 30; round += 1) {
      rig.names.set("db.test", parts[round % 3] ?? []);
      if (round === 0) await rig.apply(spec("b", "db.test", { resolve: "all" }));
      else await rig.set.refresh();
      for (const each of rig.set.probed()) probed.add(each);
      rig.clock.advance(30_000);
    }
    expect(probed.size).toBe(3);
  });

  it("gives a target its new labels and leaves its flows as they are", async () => {
    const rig = new Rig();
    rig.names.set("db.test", [B]);
    const before = spec("a", "db.test", { labels: { site: "fra1" } });
    await rig.apply(before);
    const [a] = rig.set.probed();
    const flows = [...(a?.flows ?? [])];
    await rig.apply({ ...before, labels: { site: "fra2", team: "db" } });
    expect(rig.set.probed()).toEqual([a]);
    expect(a?.flows).toEqual(flows);
    expect(flows.every((flow) => flow?.active)).toBe(true);
    expect(a?.target.labels).toEqual({ site: "fra2", team: "db" });
    expect(rig.set.shown()[0]?.spec.labels).toEqual({ site: "fra2", team: "db" });
  });

  it("leaves targets that stay as they are undisturbed, and ends those that are gone", async () => {
    const rig = new Rig();
    await rig.apply(spec("a", A), spec("b", B), spec("c", C));
    const [a, b, c] = rig.set.probed();
    await rig.apply(spec("c", C), spec("a", A), spec("b", B, { intervalMs: 2000 }));
    expect(rig.shown().sort()).toEqual([`a ${A}`, `b ${B}`, `c ${C}`]);
    const now = rig.set.probed();
    expect(now).toContain(a);
    expect(now).toContain(c);
    expect(now).not.toContain(b);
    expect(rig.engine.prober.targets.size).toBe(3);
    expect(now.find(({ target }) => target.name === "b")?.target.intervalMs).toBe(2000);
    await rig.apply();
    expect(rig.shown()).toEqual([]);
    expect(rig.engine.prober.targets.size).toBe(0);
  });

  it("probes only the first of two names with one address, and the second once the first is gone", async () => {
    const rig = new Rig();
    rig.names.set("one.test", [B]);
    rig.names.set("two.test", [B]);
    const two = spec("two", "two.test");
    await rig.apply(spec("one", "one.test"), two);
    expect(rig.shown()).toEqual([
      `one ${B}`,
      `two: target "one" already probes ${B} port 3306/tcp; remove one of the two, or give one source_ports of its own`,
    ]);
    await rig.apply(two);
    expect(rig.shown()).toEqual([`two ${B}`]);
  });

  it("lets two targets with one address and different ports or protocols both live", async () => {
    const rig = new Rig();
    await rig.apply(spec("a", A), spec("b", A, { port: 3307 }), spec("c", A, { protocol: "udp" }));
    expect(rig.shown()).toEqual([`a ${A}`, `b ${A}`, `c ${A}`]);
  });

  it("does not probe what was removed while its name was being resolved", async () => {
    const rig = new Rig();
    rig.names.set("db.test", [B]);
    let answer = (): void => {};
    rig.holdAnswers = new Promise((resolve) => {
      answer = resolve;
    });
    rig.set.apply([spec("b", "db.test")]);
    const resolving = rig.set.refresh();
    rig.set.apply([]);
    answer();
    await resolving;
    expect(rig.shown()).toEqual([]);
    expect(rig.engine.prober.targets.size).toBe(0);
  });

  it("makes the flows of one target in a turn of the loop, so that probing goes on while many are added", async () => {
    const rig = new Rig();
    const specs = Array.from({ length: 40 }, (_, i) =>
      spec(`t${i}`, `127.0.1.${i}`, { sourcePorts: { first: 1024, last: 65_535 } }),
    );
    let most = 0;
    let before = 0;
    const count = () => {
      const now = rig.engine.prober.targets.size;
      most = Math.max(most, now - before);
      before = now;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);
    await rig.apply(...specs);
    clearImmediate(counting);
    expect(before + most).toBeGreaterThanOrEqual(40);
    expect(most).toBe(1);
  });

  it("does not probe what is removed, or no longer allowed, while it waits for its turn", async () => {
    const rig = new Rig();
    const specs = [A, B, C].map((address) => spec(address, address));
    rig.set.apply(specs);
    const resolving = rig.set.refresh();
    await expect.poll(() => rig.engine.prober.targets.size, { interval: 0 }).toBeGreaterThan(0);
    rig.set.apply(specs.slice(0, 2));
    rig.set.allow([`${A}/32`]);
    await resolving;
    expect(rig.shown().filter((line) => !line.includes(":"))).toEqual([`${A} ${A}`]);
    expect(rig.engine.prober.targets.size).toBe(1);
  });

  it("lets no address wait for names that nobody answers", async () => {
    const rig = new Rig();
    let answer = (): void => {};
    rig.holdAnswers = new Promise((resolve) => {
      answer = resolve;
    });
    const silent = Array.from({ length: 40 }, (_, i) => spec(`s${i}`, `s${i}.test`));
    rig.set.apply([...silent, spec("a", A)]);
    const resolving = rig.set.refresh();
    await expect.poll(() => rig.shown().at(-1), { interval: 5, timeout: 5000 }).toBe(`a ${A}`);
    expect(rig.asked.length).toBeLessThan(silent.length);
    answer();
    await resolving;
    expect(rig.asked).toHaveLength(silent.length);
  });

  it("probes nothing outside the networks that are allowed, names included, also when they become fewer", async () => {
    const rig = new Rig();
    rig.names.set("db.test", [B]);
    rig.set.allow(["127.0.0.2/31"]);
    await rig.apply(spec("a", A), spec("b", "db.test"), spec("c", C));
    const outside = (name: string, address: string) =>
      `${name}: ${address} lies outside limits.allow_networks`;
    expect(rig.shown()).toEqual([`a ${A}`, `b ${B}`, outside("c", C)]);
    rig.set.allow([A]);
    expect(rig.shown()).toEqual([`a ${A}`, outside("b", B), outside("c", C)]);
    expect(rig.engine.prober.targets.size).toBe(1);
    rig.set.allow([]);
    await rig.set.refresh();
    expect(rig.shown()).toEqual([`a ${A}`, `b ${B}`, `c ${C}`]);
  });

  it("warns of buckets that no port hashes into", async () => {
    const rig = new Rig();
    const sourcePorts = { first: 61_000, last: 61_007 };
    await rig.apply(spec("a", A, { sourcePorts, flowBuckets: 8 }));
    const [probed] = rig.set.probed();
    const flows = probed === undefined ? [] : flowsOf(probed);
    const empty = 8 - flows.length;
    expect(empty).toBeGreaterThan(0);
    expect(rig.said).toEqual([
      'level=warn msg="no port of source_ports hashes into some buckets: widen source_ports" ' +
        `target=a empty_buckets=${empty} flow_buckets=8\n`,
    ]);
  });

  it("says where a mark cannot be made, because connections carry none", async () => {
    const rig = new Rig();
    await rig.apply(
      spec("marked", A, { method: "connect", dscp: 46 }),
      spec("plain", B, { method: "connect" }),
      spec("raw", C, { dscp: 46 }),
    );
    const warnings = rig.said.filter((line) => line.includes("dscp has no effect"));
    expect(warnings.map((line) => /target=(\w+)/.exec(line)?.[1])).toEqual(["marked"]);
  });
});

describe("refreshes of names that are not answered", () => {
  it("do not ask again for what still waits, and ask for sixteen names at once, all refreshes together", async () => {
    const rig = new Rig();
    let release = (): void => {};
    rig.holdAnswers = new Promise((done) => {
      release = done;
    });
    const specs = Array.from({ length: 100 }, (_, i) => spec(`t${i}`, `n${i}.test`));
    const refreshes = [rig.apply(...specs), rig.set.refresh(), rig.set.refresh()];
    await expect.poll(() => rig.asked.length, { interval: 5, timeout: 5000 }).toBe(16);
    // Not one more comes while these wait.
    for (let turn = 0; turn < 20; turn += 1) await new Promise((done) => setImmediate(done));
    expect(rig.asked).toHaveLength(16);
    rig.holdAnswers = undefined;
    release();
    await Promise.all(refreshes);
    expect(rig.asked).toHaveLength(100);
    expect(new Set(rig.asked).size).toBe(100);
  });

  it("do not keep a name from being asked for behind forty whose servers are silent", async () => {
    const rig = new Rig();
    rig.names.set("good.test", [A]);
    let release = (): void => {};
    rig.silent = new Promise((done) => {
      release = done;
    });
    const dead = Array.from({ length: 40 }, (_, i) => spec(`d${i}`, `dead${i}.test`));
    rig.set.apply([...dead, spec("good", "good.test")]);
    const resolving = rig.set.refresh();
    await expect.poll(() => rig.shown().at(-1), { interval: 20, timeout: 5000 }).toBe(`good ${A}`);
    release();
    await resolving;
  });

  it("put names that failed last time behind those that were answered", async () => {
    const rig = new Rig();
    rig.names.set("good.test", [A]);
    const dead = Array.from({ length: 40 }, (_, i) => spec(`d${i}`, `dead${i}.test`));
    await rig.apply(...dead, spec("good", "good.test"));
    rig.asked.length = 0;
    await rig.set.refresh();
    expect(rig.asked[0]).toBe("good.test");
    expect(rig.asked).toHaveLength(41);
  });
});

it("probes two targets at once again that have exchanged their addresses", async () => {
  const rig = new Rig();
  rig.names.set("x.test", [A]);
  rig.names.set("y.test", [B]);
  await rig.apply(spec("x", "x.test"), spec("y", "y.test"));
  rig.names.set("x.test", [B]);
  rig.names.set("y.test", [A]);
  await rig.set.refresh();
  expect(rig.shown()).toEqual([`x ${B}`, `y ${A}`]);
});
