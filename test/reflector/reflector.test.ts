import { createSocket } from "node:dgram";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { createLog } from "../../src/log.ts";
import { Reflector } from "../../src/reflector/reflector.ts";

const log = createLog({ level: "error", format: "logfmt", clock: systemClock, write: () => {} });

function start(
  listen: readonly string[],
  more: Partial<Parameters<typeof Reflector.start>[0]> = {},
): Promise<Reflector> {
  return Reflector.start({
    ...more,
    listen,
    allow: ["127.0.0.0/8", "::1"],
    packetsPerSecond: 100,
    webListenAddress: "127.0.0.1:0",
    telemetryPath: "/metrics",
    webConfigFile: undefined,
    build: { version: "1.2.3", revision: "abc" },
    clock: systemClock,
    log,
  });
}

/** Sends a request to a port of this host and waits for the answer. */
async function ask(type: "udp4" | "udp6", port: number): Promise<Buffer> {
  const client = createSocket(type);
  const answer = once(client, "message", { signal: AbortSignal.timeout(5000) });
  client.send(Buffer.alloc(50), port, type === "udp4" ? "127.0.0.1" : "::1");
  try {
    const [packet] = (await answer) as [Buffer];
    return packet;
  } finally {
    client.close();
  }
}

describe("a running reflector", () => {
  test("answers from the address that was asked, whichever of this host it is", async () => {
    const reflector = await start([":0"], {
      addresses: () => [{ type: "udp4", host: "127.0.0.77" }],
    });
    const client = createSocket("udp4");
    try {
      const answer = once(client, "message", { signal: AbortSignal.timeout(5000) });
      client.bind(0, "127.0.0.1");
      client.send(Buffer.alloc(50), reflector.ports[0] ?? 0, "127.0.0.77");
      const [, { address }] = (await answer) as [Buffer, { address: string }];
      expect(address).toBe("127.0.0.77");
    } finally {
      client.close();
      await reflector.stop();
    }
  });

  test("answers over both families and shows what it has done", async () => {
    const reflector = await start([":0"]);
    try {
      const [port = 0] = reflector.ports;
      const types =
        reflector.ports.length === 2 ? (["udp4", "udp6"] as const) : (["udp4"] as const);
      for (const type of types) {
        const answer = await ask(type, port);
        expect(answer.length).toBe(50);
        expect(answer.readUInt32BE(0)).toBe(0);
        // The TTL of requests cannot be had from a datagram socket of Node.
        expect(answer[40]).toBe(255);
      }
      const response = await fetch(`${reflector.url}/metrics`);
      const text = await response.text();
      expect(text).toContain(`ecmp_reflector_packets_answered_total ${types.length}\n`);
      expect(text).toContain('ecmp_reflector_packets_refused_total{reason="rate"} 0\n');
      expect(text).toContain(`ecmp_reflector_sessions ${types.length}\n`);
      expect(text).toContain('ecmp_exporter_build_info{version="1.2.3",revision="abc"');
      expect((await fetch(`${reflector.url}/-/healthy`)).status).toBe(200);
      expect((await fetch(`${reflector.url}/`)).status).toBe(404);
    } finally {
      await reflector.stop();
    }
  });

  test("says what to do about an address that is taken", async () => {
    const reflector = await start(["127.0.0.1:0"]);
    const [port] = reflector.ports;
    try {
      await expect(start([`127.0.0.1:${port}`])).rejects.toThrow(
        `cannot listen on 127.0.0.1:${port}: the address is in use: stop the program that uses it or choose another with --listen`,
      );
    } finally {
      await reflector.stop();
    }
  });
});
