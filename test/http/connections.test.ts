import { connect, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { Connections } from "../../src/http/connections.ts";
import { startedServer } from "../support/http-parts.ts";

/** Opens a connection from an address of the loopback interface. */
function open(port: number, localAddress: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", localAddress });
    socket.on("error", reject);
    socket.once("connect", () => resolve(socket));
    onTestFinished(() => {
      socket.destroy();
    });
  });
}

const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.closed) return resolve();
    socket.once("close", () => resolve());
    socket.resume();
  });

test("one peer that opens all it can leaves room for another, and gets room again when it closes some", async () => {
  const { url } = await startedServer({ limits: { connectionsOfPeer: 3, closeMs: 100 } });
  const port = Number(new URL(url).port);
  const held = [];
  for (let i = 0; i < 3; i++) held.push(await open(port, "127.0.0.2"));
  await closed(await open(port, "127.0.0.2"));
  expect((await fetch(`${url}/-/healthy`)).status).toBe(200);
  held[0]?.destroy();
  const answer = async (): Promise<string> => {
    const socket = await open(port, "127.0.0.2");
    socket.write("GET /-/healthy HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    await closed(socket);
    return text;
  };
  await expect.poll(answer).toMatch(/^HTTP\/1\.1 200 OK/);
});

test("all of them can be cut", async () => {
  const server = createServer();
  const connections = new Connections(server, 10);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const accepted = new Promise((resolve) => server.once("connection", resolve));
  const socket = await open(port, "127.0.0.1");
  await accepted;
  connections.destroy();
  await closed(socket);
});
