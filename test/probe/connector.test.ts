import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Ending, KernelConnector } from "../../src/probe/connector.ts";
import { makeFlow } from "../support/probed-flow.ts";

const HERE = { to: "127.0.0.1", from: "127.0.0.1", method: "connect" } as const;
/** TIME_WAIT in /proc/net/tcp (net/tcp_states.h). */
const TIME_WAIT = "06";

let server: Server;
let port = 0;
/** How the server met its last connection. */
let met: Promise<string>;

beforeAll(async () => {
  let meet: (how: string) => void = () => {};
  met = new Promise((resolve) => {
    meet = resolve;
  });
  server = createServer((socket) => {
    socket.on("error", (error: NodeJS.ErrnoException) => meet(error.code ?? ""));
    socket.on("end", () => meet("end"));
    socket.resume();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => server.close());

function connect(settings: Parameters<typeof makeFlow>[0], sourcePort: number): Promise<Ending> {
  const flow = makeFlow({ ...HERE, ...settings }, sourcePort);
  return new Promise((ended) => new KernelConnector().connect(flow, ended));
}

/** Lines of the kernel's table in which a port stands. */
function table(sourcePort: number): string[] {
  const hex = `:${sourcePort.toString(16).toUpperCase().padStart(4, "0")} `;
  return readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .filter((line) => line.includes(hex));
}

test("a connection is made from the port that is asked for, reset, and leaves nothing behind", async () => {
  expect(await connect({ port }, 28_411)).toEqual({ kind: "connected" });
  expect(await met).toBe("ECONNRESET");
  expect(table(28_411).filter((line) => line.includes(` ${TIME_WAIT} `))).toEqual([]);
  // At once again, from the same port.
  expect(await connect({ port }, 28_411)).toEqual({ kind: "connected" });
});

test("a closed port refuses, which is the network's answer", async () => {
  expect(await connect({ port: 1 }, 28_412)).toEqual({ kind: "failed", code: "ECONNREFUSED" });
});

test("a source address that is not ours, and a port that is taken, are this host's own trouble", async () => {
  expect(await connect({ port, from: "192.0.2.77" }, 28_413)).toEqual({
    kind: "local",
    code: "EADDRNOTAVAIL",
  });
  expect(await connect({ port }, port)).toEqual({ kind: "local", code: "EADDRINUSE" });
});

test("a destination that cannot be sent to is this host's own trouble", async () => {
  // The kernel refuses at once to connect a socket of the loopback network to any other, and sends nothing.
  const ending = await connect({ to: "203.0.113.1", port }, 28_414);
  expect(ending).toMatchObject({ kind: "local" });
});

test("a connection that is given up tells nothing", async () => {
  const flow = makeFlow({ ...HERE, port }, 28_415);
  const told: Ending[] = [];
  const connector = new KernelConnector();
  connector.connect(flow, (ending) => told.push(ending)).close();
  await new Promise<void>((then) => connector.settled(then));
  expect(told).toEqual([]);
});
