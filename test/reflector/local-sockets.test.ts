import type { Socket } from "node:dgram";
import { expect, test, vi } from "vitest";
import { LocalSockets } from "../../src/reflector/local-sockets.ts";

test("a host that cannot list its addresses for a while keeps the sockets that are open, and takes those of new addresses later", async () => {
  vi.useFakeTimers();
  try {
    const opened: string[] = [];
    const closed: string[] = [];
    let hosts: readonly string[] | undefined = ["192.0.2.1"];
    const sockets = new LocalSockets(
      ({ host }) => {
        opened.push(host);
        return Promise.resolve({ close: () => closed.push(host) } as unknown as Socket);
      },
      () => {
        if (hosts === undefined) throw new Error("EMFILE");
        return hosts.map((host) => ({ type: "udp4", host }));
      },
    );
    await sockets.begin();
    hosts = undefined;
    await vi.advanceTimersByTimeAsync(10_000);
    expect([opened, closed]).toEqual([["192.0.2.1"], []]);
    hosts = ["192.0.2.1", "192.0.2.2"];
    await vi.advanceTimersByTimeAsync(10_000);
    expect(opened).toEqual(["192.0.2.1", "192.0.2.2"]);
    sockets.close();
    expect(closed).toEqual(opened);
  } finally {
    vi.useRealTimers();
  }
});
