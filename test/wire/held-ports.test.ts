import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { HeldPorts } from "../../src/wire/held-ports.ts";
import { loadLibc } from "../../src/wire/libc.ts";
import { address } from "../support/address.ts";
import { ipv6LoopbackIsMissing } from "../support/loopback.ts";
import { sockets } from "../support/real-receivers.ts";

const PORT = 64_307;
const FAMILIES = [
  { family: 4, here: "127.77.1.1", type: "udp4" },
  { family: 6, here: "::1", type: "udp6" },
] as const;

describe.each(FAMILIES.slice(0, ipv6LoopbackIsMissing() ? 1 : 2))(
  "holding UDP ports over IPv$family",
  ({ here, type }) => {
    const opened: HeldPorts[] = [];
    const holder = async (): Promise<HeldPorts> => {
      const libc = await loadLibc();
      if (typeof libc === "string") throw new Error(libc);
      const held = new HeldPorts(libc);
      opened.push(held);
      return held;
    };
    afterEach(() => {
      for (const held of opened.splice(0)) held.close();
    });

    /** Whether somebody who sends to the port is told that nobody is there. */
    async function isRefused(): Promise<boolean> {
      const asker = createSocket(type);
      asker.connect(PORT, here);
      await once(asker, "connect");
      const refused = new Promise<boolean>((done) => {
        let over = false;
        const end = (told: boolean): void => {
          over = true;
          done(told);
        };
        asker.on("error", () => end(true));
        const ask = (again: number): void => {
          if (over) return;
          asker.send("?", () => {});
          if (again === 0) end(false);
          else setTimeout(ask, 5, again - 1);
        };
        ask(20);
      });
      const result = await refused;
      asker.close();
      return result;
    }

    test("keeps the kernel from refusing what comes to them, until every flow has released them", async () => {
      const held = await holder();
      expect(await isRefused()).toBe(true);
      const before = sockets();
      held.hold(address(here), PORT);
      held.hold(address(here), PORT);
      expect(sockets()).toBe(before + 1);
      expect(held.ports()).toEqual([PORT]);
      expect(await isRefused()).toBe(false);
      held.release(address(here), PORT);
      expect(await isRefused()).toBe(false);
      held.release(address(here), PORT);
      expect(await isRefused()).toBe(true);
      expect([held.ports(), sockets()]).toEqual([[], before]);
    });

    test("leaves a port to whoever has it", async () => {
      const other = createSocket(type).bind(PORT, here);
      await once(other, "listening");
      const held = await holder();
      held.hold(address(here), PORT);
      expect(held.ports()).toEqual([]);
      held.release(address(here), PORT);
      other.close();
    });

    test("closes every socket", async () => {
      const held = await holder();
      const before = sockets();
      for (let port = PORT; port < PORT + 20; port += 1) held.hold(address(here), port);
      expect(sockets()).toBe(before + 20);
      held.close();
      expect(sockets()).toBe(before);
    });
  },
);
