// Both real receivers, over the loopback interface of this host, by the same cases.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, inject, it, onTestFinished } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { addressText } from "../../src/packet/address.ts";
import { type ReceivedReply, readReply } from "../../src/probe/reply/reply.ts";
import { RawSender } from "../../src/wire/sender.ts";
import type { PacketReceiver } from "../../src/wire/wire.ts";
import { ipv6LoopbackIsMissing } from "../support/loopback.ts";
import {
  addressBytes,
  echoRequest,
  tcpPacket,
  timestamps,
  udpPacket,
} from "../support/packet-builder.ts";
import { OPEN, sockets } from "../support/real-receivers.ts";

/** Loopback addresses of this end and the other: of IPv4 such as nobody else uses, of IPv6 the one there is. */
const FAMILIES = {
  4: { ours: "127.77.0.1", theirs: "127.77.0.2", header: 20, source: [12, 16], destination: 16 },
  6: { ours: "::1", theirs: "::1", header: 40, source: [8, 24], destination: 24 },
} as const;
const RANGE = { first: 64_100, last: 64_163 };
const PORT = 64_117;
const OTHER_PORT = 64_200;
const TIMEOUT_MS = 5000;
const BLOCKED_MS = 300;

interface Taken {
  readonly packet: Uint8Array;
  readonly receivedAt: number;
}

const FAMILIES_HERE = ipv6LoopbackIsMissing() ? ([4] as const) : ([4, 6] as const);
const CASES = (["ring", "raw"] as const).flatMap((kind) =>
  FAMILIES_HERE.map((family) => ({ kind, family })),
);

describe.skipIf(inject("labMissing") !== "").each(CASES)(
  "the $kind receiver over IPv$family",
  ({ kind, family }) => {
    const { ours: OURS, theirs: THEIRS, header } = FAMILIES[family];
    /** Reads what is there, of the packets from THEIRS. */
    function drain(receiver: PacketReceiver): Taken[] {
      const taken: Taken[] = [];
      receiver.drain((bytes, offset, end, receivedAt) => {
        const packet = Uint8Array.from(bytes.subarray(offset, end));
        const source = packet.subarray(...FAMILIES[family].source);
        // No family but ours has addresses of that length at that place.
        if (source.join() === addressBytes(THEIRS).join()) taken.push({ packet, receivedAt });
      });
      return taken;
    }

    /** Reads until `enough` packets came. */
    async function collect(receiver: PacketReceiver, enough = 1): Promise<Taken[]> {
      const taken: Taken[] = [];
      const end = performance.now() + TIMEOUT_MS;
      for (;;) {
        taken.push(...drain(receiver));
        if (taken.length >= enough) return taken;
        if (performance.now() > end) throw new Error(`${taken.length} of ${enough} packets came`);
        await pause(2);
      }
    }

    /** The one packet that comes, as the engine reads it. */
    async function replyOf(receiver: PacketReceiver): Promise<ReceivedReply> {
      const [taken] = await collect(receiver);
      const { packet } = taken ?? { packet: new Uint8Array(0) };
      const reply = readReply(packet, 0, packet.length, true);
      if (typeof reply === "string") throw new Error(`a ${reply} packet came`);
      return reply;
    }

    /** A UDP socket on an address of ours; an open one keeps the kernel from answering by port-unreachable. */
    async function udpSocket(address: string, port = 0) {
      const socket = createSocket(family === 4 ? "udp4" : "udp6");
      onTestFinished(() => new Promise<void>((resolve) => socket.close(() => resolve())));
      socket.bind(port, address);
      await once(socket, "listening");
      return socket;
    }

    /** A port on which nobody listened a moment ago. */
    async function closedPort(): Promise<number> {
      const server = createServer().listen(0, THEIRS);
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      server.close();
      await once(server, "close");
      return port;
    }

    let sender: RawSender;
    let receiver: PacketReceiver;
    let socketsBefore = 0;

    beforeEach(async () => {
      socketsBefore = sockets();
      sender = new RawSender();
      receiver = await OPEN[kind]([RANGE]);
    });
    afterEach(() => {
      sender.close();
      receiver.close();
    });

    function send(packet: Uint8Array): void {
      const at = FAMILIES[family].destination;
      const destination = addressText(packet, at, family);
      const failed = sender.send(Buffer.from(packet), packet.length, destination);
      if (failed !== undefined) throw new Error(failed);
    }

    const probe = { from: OURS, to: THEIRS, sourcePort: PORT };
    const syn = (destinationPort: number) =>
      tcpPacket({
        ...probe,
        destinationPort,
        sequence: 0xfffffffe,
        flags: ["syn"],
        options: timestamps(0x0a0b0c0d, 0),
      });
    /** A packet as it would come from the target, numbered by its sequence number. */
    const answer = (sequence: number, destinationPort = PORT) =>
      tcpPacket({
        from: THEIRS,
        to: OURS,
        sourcePort: 443,
        destinationPort,
        sequence,
        flags: ["rst", "ack"],
      });
    const idsOf = (taken: readonly Taken[]) =>
      taken.map(({ packet }) => Buffer.from(packet).readUInt32BE(header + 4));

    it("says what it is", () => {
      expect(receiver.kind).toBe(kind);
      expect(receiver.kernelTimestamps).toBe(kind === "ring");
      expect(receiver.visibilityMs).toBeLessThanOrEqual(20);
    });

    it("delivers the SYN-ACK of a listener, which acknowledges the SYN and echoes its timestamp", async () => {
      const server = createServer().listen(0, THEIRS);
      onTestFinished(() => void server.close());
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      send(syn(port));
      expect(await replyOf(receiver)).toMatchObject({
        kind: "syn_ack",
        localPort: PORT,
        remotePort: port,
        acknowledgement: 0xffffffff,
        timestampEcho: 0x0a0b0c0d,
      });
    });

    it("delivers the RST of a closed port", async () => {
      const port = await closedPort();
      send(syn(port));
      expect(await replyOf(receiver)).toMatchObject({
        kind: "reset",
        localPort: PORT,
        remotePort: port,
        acknowledgement: 0xffffffff,
      });
    });

    it("delivers the answer of a UDP service", async () => {
      await udpSocket(OURS, PORT);
      const service = await udpSocket(THEIRS);
      service.on("message", (message, { address, port }) => service.send(message, port, address));
      const destinationPort = service.address().port;
      send(udpPacket({ ...probe, destinationPort, payload: Uint8Array.of(1, 2, 3) }));
      const [taken] = await collect(receiver);
      expect([...(taken?.packet.subarray(header + 8) ?? [])]).toEqual([1, 2, 3]);
    });

    it("delivers port-unreachable with the packet it is about", async () => {
      const destinationPort = await closedPort();
      const payload = Uint8Array.of(0x12, 0x34, 0x56);
      const sent = udpPacket({ ...probe, destinationPort, payload });
      send(sent);
      const reply = await replyOf(receiver);
      expect(reply).toMatchObject({ kind: "icmp_error", error: "port", localPort: PORT });
      const checksum = Buffer.from(sent).readUInt16BE(header + 6);
      expect(reply.kind === "icmp_error" && reply.quote.udpChecksum).toBe(checksum);
      expect(reply.remotePort).toBe(destinationPort);
    });

    it("delivers the answer to a ping", async () => {
      const ends = { from: OURS, to: THEIRS };
      const payload = Uint8Array.of(7, 7, 7);
      send(echoRequest({ ...ends, identifier: PORT, sequence: 9, payload }));
      expect(await replyOf(receiver)).toMatchObject({
        kind: "echo_reply",
        family,
        localPort: PORT,
        remotePort: 0,
        sequence: 9,
      });
    });

    it("lets only the configured ports in, and goes by a changed filter", async () => {
      // Packets of one protocol arrive in order, so whatever comes before the last one was let in.
      for (const [id, port] of [
        [1, OTHER_PORT],
        [2, RANGE.first - 1],
        [3, RANGE.first],
        [4, RANGE.last + 1],
        [5, RANGE.last],
      ] as const) {
        send(answer(id, port));
      }
      expect(idsOf(await collect(receiver, 2))).toEqual([3, 5]);
      receiver.filter([{ first: OTHER_PORT, last: OTHER_PORT }]);
      send(answer(6, PORT));
      send(answer(7, OTHER_PORT));
      expect(idsOf(await collect(receiver, 1))).toEqual([7]);
      receiver.filter([RANGE, { first: OTHER_PORT, last: OTHER_PORT }]);
      send(answer(8, PORT));
      send(answer(9, OTHER_PORT));
      expect(idsOf(await collect(receiver, 2))).toEqual([8, 9]);
    });

    it("shows a packet once: as it comes in, not as it goes out", async () => {
      send(syn(await closedPort()));
      await collect(receiver);
      const ids = Array.from({ length: 300 }, (_, i) => i + 1);
      for (const id of ids) send(answer(id));
      send(answer(9999));
      expect(idsOf(await collect(receiver, ids.length + 1))).toEqual([...ids, 9999]);
    });

    it("stamps packets with a time between sending and reading", async () => {
      for (let id = 1; id <= 20; id += 1) {
        const before = systemClock.monotonic();
        send(answer(id));
        const [taken] = await collect(receiver);
        // The wall clock, which the kernel stamps with, is read a moment apart from the monotonic one.
        expect(taken?.receivedAt).toBeGreaterThan(before - 1);
        expect(taken?.receivedAt).toBeLessThanOrEqual(systemClock.monotonic());
      }
    });

    it("has the time of receiving, or owns up to not knowing it, when the process was busy", () => {
      const before = systemClock.monotonic();
      send(answer(1));
      const sent = systemClock.monotonic();
      while (systemClock.monotonic() < sent + BLOCKED_MS);
      const [taken] = drain(receiver);
      const receivedAt = taken?.receivedAt ?? 0;
      if (receiver.kernelTimestamps) {
        expect(receivedAt).toBeGreaterThan(before - 1);
        expect(receivedAt).toBeLessThan(sent + BLOCKED_MS / 3);
      } else {
        expect(receivedAt).toBeGreaterThanOrEqual(sent + BLOCKED_MS);
      }
    });

    it("counts what the kernel dropped in a flood, once, and goes on afterwards", async () => {
      await udpSocket(OURS, PORT);
      expect(receiver.takeDrops()).toBe(0);
      const flood = 8000;
      const ports = { sourcePort: 9, destinationPort: PORT };
      const packet = udpPacket({
        from: THEIRS,
        to: OURS,
        ...ports,
        payload: new Uint8Array(1400),
      });
      for (let i = 0; i < flood; i += 1) send(packet);
      const drops = receiver.takeDrops();
      expect(drops).toBeGreaterThan(0);
      const kept = await collect(receiver, flood - drops);
      // Until there is room again, other packets of this host may be dropped too; the flood's drops do not come again.
      expect(receiver.takeDrops()).toBeLessThan(drops / 2);
      // No more than were sent; no fewer than the drops leave, some of which may be other packets of this host.
      expect(kept.length).toBeLessThanOrEqual(flood);
      for (let id = 1; id <= 10; id += 1) {
        send(answer(id));
        expect(idsOf(await collect(receiver))).toEqual([id]);
      }
      expect(receiver.takeDrops()).toBe(0);
    });

    it("can be closed at any time, twice, and holds nothing afterwards", async () => {
      send(answer(1));
      await collect(receiver);
      send(answer(2));
      receiver.close();
      sender.close();
      expect(receiver.drain(() => {})).toBe(0);
      expect(receiver.takeDrops()).toBe(0);
      receiver.filter([RANGE]);
      receiver.close();
      expect(sender.send(Buffer.from(answer(3)), header + 20, OURS)).toBe("EBADF");
      expect(receiver.drain(() => {})).toBe(0);
      await pause(0);
      expect(sockets()).toBe(socketsBefore);
    });
  },
);
