import { expect, test } from "vitest";
import { HopNames } from "../../src/topology/hop-names.ts";
import { FakeClock } from "../support/fake-clock.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** A name server under the test's hand. */
class Rig {
  readonly clock: FakeClock = new FakeClock();
  readonly asked: string[] = [];
  readonly answers: Map<string, readonly string[] | string> = new Map();
  /** While set, nothing is answered. */
  hold: Promise<void> | undefined;
  pending = 0;
  mostPending = 0;
  readonly names: HopNames = new HopNames(async (address) => {
    this.asked.push(address);
    this.pending += 1;
    this.mostPending = Math.max(this.mostPending, this.pending);
    await this.hold;
    this.pending -= 1;
    const answer = this.answers.get(address) ?? "ENOTFOUND";
    if (typeof answer === "string") throw Object.assign(new Error(answer), { code: answer });
    return answer;
  }, this.clock);

  constructor() {
    this.names.enabled = true;
  }

  /** Wants a name, lets the answer come, and returns what is known then. */
  async ask(address: string): Promise<string | undefined> {
    this.names.want(address);
    await settled();
    return this.names.nameOf(address);
  }
}

/** Every promise that is done has told so. */
function settled(): Promise<void> {
  return new Promise((then) => setImmediate(then));
}

test("a name is looked up once, kept for an hour, and asked for again then", async () => {
  const rig = new Rig();
  rig.answers.set("10.0.0.1", ["r1.example.net."]);
  rig.names.want("10.0.0.1");
  expect(rig.names.nameOf("10.0.0.1")).toBeUndefined();
  await settled();
  expect(rig.names.nameOf("10.0.0.1")).toBe("r1.example.net");
  expect([...rig.names.named()]).toEqual([["10.0.0.1", "r1.example.net"]]);
  rig.clock.advance(HOUR - MINUTE);
  await rig.ask("10.0.0.1");
  expect(rig.asked).toHaveLength(1);
  rig.answers.set("10.0.0.1", ["renamed.example.net"]);
  rig.clock.advance(MINUTE);
  expect(await rig.ask("10.0.0.1")).toBe("renamed.example.net");
  expect(rig.asked).toHaveLength(2);
});

test("that there is no name is remembered for ten minutes, a server that fails for one", async () => {
  const rig = new Rig();
  rig.answers.set("10.0.0.2", "ETIMEOUT");
  for (let minute = 0; minute < 10; minute += 1) {
    await rig.ask("10.0.0.1");
    await rig.ask("10.0.0.2");
    rig.clock.advance(MINUTE);
  }
  expect(rig.asked.filter((address) => address === "10.0.0.1")).toHaveLength(1);
  expect(rig.asked.filter((address) => address === "10.0.0.2")).toHaveLength(10);
  await rig.ask("10.0.0.1");
  expect(rig.asked.filter((address) => address === "10.0.0.1")).toHaveLength(2);
});

test("a server that fails takes no name away, one that knows of none does", async () => {
  const rig = new Rig();
  rig.answers.set("10.0.0.1", ["r1.example.net"]);
  await rig.ask("10.0.0.1");
  rig.clock.advance(HOUR);
  rig.answers.set("10.0.0.1", "ESERVFAIL");
  expect(await rig.ask("10.0.0.1")).toBe("r1.example.net");
  rig.clock.advance(MINUTE);
  rig.answers.set("10.0.0.1", "ENOTFOUND");
  expect(await rig.ask("10.0.0.1")).toBeUndefined();
});

test("few lookups are under way at once, however many hops there are", async () => {
  const rig = new Rig();
  let release = (): void => {};
  rig.hold = new Promise((resolve) => {
    release = resolve;
  });
  const hops = Array.from({ length: 100 }, (_, at) => `10.0.0.${at}`);
  for (const hop of [...hops, ...hops]) rig.names.want(hop);
  expect(rig.asked).toHaveLength(4);
  rig.hold = undefined;
  release();
  while (rig.asked.length < 100) await settled();
  await settled();
  expect([rig.asked.length, new Set(rig.asked).size, rig.mostPending]).toEqual([100, 100, 4]);
});

test("no more hops are remembered than there is room for, and those not seen for an hour are forgotten", async () => {
  const rig = new Rig();
  for (let at = 0; at < 5000; at += 1) rig.names.want(`10.1.${at >> 8}.${at & 255}`);
  while (rig.pending > 0) await settled();
  const asked = rig.asked.length;
  expect(asked).toBe(4096);
  rig.clock.advance(HOUR + 1);
  rig.answers.set("10.9.9.9", ["late.example.net"]);
  expect(await rig.ask("10.9.9.9")).toBe("late.example.net");
});

test("nothing that is no host name is shown", async () => {
  const rig = new Rig();
  const odd = ["", ".", "a b", 'x"} 1\n', "ü.example", `${"x".repeat(254)}`];
  for (const [at, name] of odd.entries()) {
    rig.answers.set(`10.0.0.${at}`, [name]);
    expect(await rig.ask(`10.0.0.${at}`)).toBeUndefined();
  }
  rig.answers.set("10.0.1.1", [...odd, "ae-1_0.r2.example.net"]);
  expect(await rig.ask("10.0.1.1")).toBe("ae-1_0.r2.example.net");
});

test("turned off, nothing is asked and everything is forgotten, also what comes in late", async () => {
  const rig = new Rig();
  rig.answers.set("10.0.0.1", ["r1.example.net"]);
  await rig.ask("10.0.0.1");
  rig.answers.set("10.0.0.2", ["r2.example.net"]);
  rig.names.want("10.0.0.2");
  rig.names.enabled = false;
  await settled();
  expect([...rig.names.named()]).toEqual([]);
  await rig.ask("10.0.0.1");
  expect(rig.asked).toHaveLength(2);
  rig.names.enabled = true;
  expect(await rig.ask("10.0.0.1")).toBe("r1.example.net");
});
