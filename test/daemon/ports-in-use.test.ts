import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { ephemeralPorts, portsInUse } from "../../src/daemon/ports-in-use.ts";

const EVERY = [{ first: 1, last: 65_535 }];

describe("ports in use", () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  const tcp = async (host: string): Promise<number> => {
    const server = createServer();
    await new Promise<void>((listening, failed) => {
      server.once("error", failed);
      server.listen(0, host, listening);
    });
    closers.push(() => new Promise((closed) => server.close(() => closed())));
    return (server.address() as AddressInfo).port;
  };
  const udp = async (): Promise<number> => {
    const socket = createSocket("udp4");
    await new Promise<void>((bound) => socket.bind(0, "127.0.0.1", bound));
    closers.push(() => new Promise((closed) => socket.close(() => closed())));
    return socket.address().port;
  };

  it.each([
    ["a TCP listener", () => tcp("127.0.0.1")],
    ["a TCP listener on every address of both families", () => tcp("::")],
    ["a UDP socket", udp],
  ])("hold that of %s for as long as it is open", async (_, open) => {
    const port = await open();
    expect(portsInUse(EVERY).has(port)).toBe(true);
    expect([...portsInUse([{ first: port, last: port }])]).toEqual([port]);
    for (const close of closers.splice(0)) await close();
    expect(portsInUse([{ first: port, last: port }]).size).toBe(0);
  });

  it("are those of the asked ranges alone", async () => {
    const [first, second] = [await tcp("127.0.0.1"), await udp()];
    const ranges = [first, second].map((port) => ({ first: port, last: port }));
    expect(portsInUse(ranges)).toEqual(new Set([first, second]));
    expect(portsInUse(ranges.slice(0, 1))).toEqual(new Set([first]));
    expect(portsInUse([]).size).toBe(0);
  });
});

it("the kernel's own range of ports is what the kernel says", () => {
  const told = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8");
  const range = ephemeralPorts();
  expect(`${range?.first}\t${range?.last}\n`).toBe(told);
});
