import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { addressText } from "../../src/packet/address.ts";
import { readIp } from "../../src/packet/ip.ts";
import { readReply } from "../../src/probe/reply/reply.ts";
import { loadLibc } from "../../src/wire/libc.ts";
import { openRawHandle, type RawHandle } from "../../src/wire/raw-handle.ts";
import { RawReceiver } from "../../src/wire/raw-receiver.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { tcpPacket, udpPacket } from "../support/packet-builder.ts";

// The kernel is replaced: what is opened, and what is made of what sockets deliver, is under test here.
vi.mock(import("../../src/wire/raw-handle.ts"), async (original) => ({
  ...(await original()),
  openRawHandle: vi.fn(),
}));

interface Delivery {
  readonly payload: Uint8Array;
  readonly from: string;
}

/** A socket that delivers what is queued, and then says that nothing is there. */
class FakeHandle implements RawHandle {
  readonly queue: Delivery[] = [];
  readonly options: [number, number][] = [];
  closed = false;

  recv(buffer: Buffer, received: (buffer: Buffer, bytes: number, source: string) => void): void {
    const next = this.queue.shift();
    if (next === undefined) throw new Error("Resource temporarily unavailable");
    buffer.set(next.payload);
    received(buffer, next.payload.length, next.from);
  }
  setOption(level: number, option: number): void {
    if (refusesOptions) throw new Error("Cannot allocate memory");
    this.options.push([level, option]);
  }
  close(): void {
    this.closed = true;
  }
  send(): void {}
  on(): void {}
  removeAllListeners(): void {}
}

const handles = new Map<string, FakeHandle>();
const PORTS = [{ first: 61_000, last: 65_535 }];
let refusal: string | undefined;
let refusesOptions = false;

beforeEach(() => {
  handles.clear();
  refusal = undefined;
  refusesOptions = false;
  vi.mocked(openRawHandle).mockImplementation((protocol, family) => {
    if (refusal !== undefined && family === 6) throw new Error(refusal);
    const handle = new FakeHandle();
    handles.set(`${family} ${protocol}`, handle);
    return handle;
  });
});
afterEach(() => {
  vi.resetAllMocks();
});

function packetsOf(receiver: RawReceiver): Uint8Array[] {
  const packets: Uint8Array[] = [];
  receiver.drain((bytes, offset, end) =>
    packets.push(Uint8Array.from(bytes.subarray(offset, end))),
  );
  return packets;
}

describe("the raw receiver", () => {
  test("opens ICMP, TCP and UDP of both families, and filters ICMP in the words of each", () => {
    const receiver = new RawReceiver(new FakeClock(), undefined, PORTS);
    expect([...handles.keys()]).toEqual(["4 1", "4 6", "4 17", "6 58", "6 6", "6 17"]);
    expect(handles.get("4 1")?.options).toContainEqual([255, 1]);
    expect(handles.get("6 58")?.options).toContainEqual([58, 1]);
    receiver.close();
    expect([...handles.values()].every(({ closed }) => closed)).toBe(true);
  });

  test("does with IPv4 where the kernel has no IPv6", () => {
    refusal = "Address family not supported by protocol";
    const receiver = new RawReceiver(new FakeClock(), undefined, PORTS);
    expect([...handles.keys()]).toEqual(["4 1", "4 6", "4 17"]);
    const packet = udpPacket({
      from: "192.0.2.9",
      to: "192.0.2.1",
      sourcePort: 1,
      destinationPort: 2,
    });
    handles.get("4 17")?.queue.push({ payload: packet, from: "192.0.2.9" });
    expect(packetsOf(receiver)).toEqual([packet]);
  });

  test("lets every other refusal through", () => {
    refusal = "Operation not permitted";
    expect(() => new RawReceiver(new FakeClock(), undefined, PORTS)).toThrow(refusal);
  });

  test("says that a changed filter is refused, so that whoever asked keeps what was before", async () => {
    const libc = await loadLibc();
    if (typeof libc === "string") throw new Error(libc);
    const receiver = new RawReceiver(new FakeClock(), libc, PORTS);
    expect(receiver.filtered).toBe(true);
    refusesOptions = true;
    const other = [{ first: 20_000, last: 30_000 }];
    expect(receiver.filter(other)).toMatch(/^the packet filter cannot be attached: /);
    expect(receiver.filtered).toBe(false);
  });

  test("gives IPv6 packets the header that their sockets keep, of an unknown destination", () => {
    const receiver = new RawReceiver(new FakeClock(), undefined, PORTS);
    const ends = { from: "2001:db8::9", to: "2001:db8::1" };
    const segment = tcpPacket({
      ...ends,
      sourcePort: 3306,
      destinationPort: 61_000,
      acknowledgement: 7,
      flags: ["rst", "ack"],
    }).slice(40);
    handles.get("6 6")?.queue.push(
      { payload: segment, from: "2001:db8::9" },
      // A text that is no address can be of no answer.
      { payload: segment, from: "" },
    );
    const packets = packetsOf(receiver);
    expect(packets).toHaveLength(1);
    const [packet = new Uint8Array(0)] = packets;
    const ip = readIp(packet, 0, packet.length);
    expect(ip).toMatchObject({ family: 6, protocol: 6, payloadOffset: 40, payloadEnd: 60 });
    expect(addressText(packet, ip?.sourceOffset ?? 0, 6)).toBe("2001:db8::9");
    expect(addressText(packet, ip?.destinationOffset ?? 0, 6)).toBe("::");
    expect(packet.slice(40)).toEqual(segment);
    expect(readReply(packet, 0, packet.length, true)).toMatchObject({
      kind: "reset",
      localPort: 61_000,
      remotePort: 3306,
      acknowledgement: 7,
    });
  });
});
