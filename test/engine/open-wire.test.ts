import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openWire, openWireIfAny } from "../../src/engine/open-wire.ts";
import { createLog } from "../../src/log.ts";
import { openKernelRoutes } from "../../src/wire/kernel-routes.ts";
import { loadLibc } from "../../src/wire/libc.ts";
import { PacketRing } from "../../src/wire/packet-ring.ts";
import { RawReceiver } from "../../src/wire/raw-receiver.ts";
import { RoutedSender } from "../../src/wire/routed-sender.ts";
import { RawSender } from "../../src/wire/sender.ts";
import { SourceSender } from "../../src/wire/source-sender.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { MemoryRoutes } from "../support/memory-routes.ts";

// What touches the kernel is replaced: which parts are chosen, and what is said, is under test here.
vi.mock("../../src/wire/sender.ts", () => {
  const RawSender = vi.fn();
  RawSender.prototype.close = vi.fn();
  return { RawSender };
});
vi.mock("../../src/wire/raw-receiver.ts", () => ({ RawReceiver: vi.fn() }));
vi.mock("../../src/wire/packet-ring.ts", () => ({ PacketRing: { open: vi.fn() } }));
vi.mock("../../src/wire/libc.ts", () => ({ loadLibc: vi.fn() }));
vi.mock("../../src/wire/kernel-routes.ts", () => ({ openKernelRoutes: vi.fn() }));

const PORTS = [{ first: 61_000, last: 65_535 }];
const libc = { name: "libc" } as unknown as Exclude<Awaited<ReturnType<typeof loadLibc>>, string>;
const ring = { kind: "ring" } as unknown as PacketRing;

function recordingLog() {
  const said: string[] = [];
  const write = (line: string): void => void said.push(line.replace(/^ts=\S+ /, "").trimEnd());
  const clock = new FakeClock();
  return { said, clock, log: createLog({ level: "debug", format: "logfmt", clock, write }) };
}

/** Whether a raw receiver that is made now has its filter. */
function rawReceivers(filtered: boolean): void {
  vi.mocked(RawReceiver).mockImplementation(function make(this: RawReceiver) {
    return Object.assign(this, { kind: "raw", filtered });
  });
}

/** The kernel refuses the sender's socket. */
function refusing(error: Error): void {
  function make(): never {
    throw error;
  }
  vi.mocked(RawSender).mockImplementation(make);
}

beforeEach(() => {
  vi.mocked(openKernelRoutes).mockReturnValue(new MemoryRoutes({}));
});

describe("opening the wire", () => {
  afterEach(() => {
    vi.resetAllMocks();
  });

  it("takes the packet ring where it can be had", async () => {
    const { clock, log, said } = recordingLog();
    vi.mocked(loadLibc).mockResolvedValue(libc);
    vi.mocked(PacketRing.open).mockReturnValue(ring);
    const wire = await openWire(clock, log, PORTS);
    expect(wire.receiver).toBe(ring);
    expect(wire.sender).toBeInstanceOf(RoutedSender);
    // It only showed that the process may open raw sockets.
    expect(vi.mocked(RawSender).prototype.close).toHaveBeenCalledTimes(1);
    expect(vi.mocked(PacketRing.open)).toHaveBeenCalledWith(libc, clock, PORTS);
    expect(said).toEqual([
      'level=info msg="receiving through a packet ring, with the kernel\'s timestamps"',
    ]);
  });

  it("does without the ways of connections where the kernel cannot be asked, and says so", async () => {
    const { clock, log, said } = recordingLog();
    vi.mocked(loadLibc).mockResolvedValue(libc);
    vi.mocked(PacketRing.open).mockReturnValue(ring);
    vi.mocked(openKernelRoutes).mockReturnValue("EAFNOSUPPORT");
    const wire = await openWire(clock, log, PORTS);
    expect(wire.sender).toBeInstanceOf(SourceSender);
    expect(said[0]).toBe(
      'level=warn msg="the kernel cannot be asked for routes: rules by protocol or port and several uplinks may part probes from connections" reason="netlink: EAFNOSUPPORT"',
    );
  });

  it("does with raw sockets where there is no ring, and says why", async () => {
    const { clock, log, said } = recordingLog();
    vi.mocked(loadLibc).mockResolvedValue(libc);
    vi.mocked(PacketRing.open).mockReturnValue("mmap: no memory");
    rawReceivers(true);
    const wire = await openWire(clock, log, PORTS);
    expect(wire.receiver.kind).toBe("raw");
    expect(vi.mocked(RawReceiver)).toHaveBeenCalledWith(clock, libc, PORTS);
    expect(said).toEqual([
      'level=warn msg="receiving through raw sockets: round-trip times are less exact" reason="mmap: no memory"',
    ]);
  });

  it("does with raw sockets without a filter where the C library cannot be called, and says both", async () => {
    const { clock, log, said } = recordingLog();
    vi.mocked(loadLibc).mockResolvedValue("koffi is not installed");
    rawReceivers(false);
    const wire = await openWire(clock, log, PORTS);
    expect(wire.receiver.kind).toBe("raw");
    expect(vi.mocked(RawReceiver)).toHaveBeenCalledWith(clock, undefined, PORTS);
    expect(said).toEqual([
      'level=warn msg="receiving through raw sockets: round-trip times are less exact" reason="koffi is not installed"',
      'level=warn msg="probes leave by the main routing table: rules and routes by source, protocol or port do not apply"',
      'level=warn msg="cannot attach a packet filter: every TCP segment of this host is read"',
    ]);
    expect(wire.sender).toBeInstanceOf(RawSender);
  });

  it("leaves the ring alone when raw sockets are asked for", async () => {
    const { clock, log, said } = recordingLog();
    vi.mocked(loadLibc).mockResolvedValue(libc);
    rawReceivers(true);
    const wire = await openWire(clock, log, PORTS, "raw");
    expect(wire.receiver.kind).toBe("raw");
    expect(vi.mocked(PacketRing.open)).not.toHaveBeenCalled();
    expect(said).toEqual([]);
  });

  it.each(["Operation not permitted", "Permission denied"])(
    "that the kernel refuses with %j names the capability and two ways to grant it",
    async (text) => {
      refusing(new Error(text));
      const { clock, log } = recordingLog();
      const refusal: unknown = await openWire(clock, log, PORTS).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(Error);
      const { message } = refusal as Error;
      expect(message).toContain("CAP_NET_RAW");
      expect(message).toContain("setcap cap_net_raw+ep");
      expect(message).toContain("--cap-add=NET_RAW");
      expect(message).not.toContain("\n");
    },
  );

  it("that fails for another reason keeps that reason", async () => {
    const failure = new Error("Too many open files");
    refusing(failure);
    const { clock, log } = recordingLog();
    await expect(openWire(clock, log, PORTS)).rejects.toBe(failure);
  });
});

describe("opening the wire as raw_sockets has it", () => {
  afterEach(() => {
    vi.resetAllMocks();
  });

  it("never asks for no socket, and says what that means", async () => {
    const { clock, log, said } = recordingLog();
    const wire = await openWireIfAny("never", clock, log, PORTS);
    expect([wire.receiver.kind, vi.mocked(RawSender).mock.calls]).toEqual(["none", []]);
    expect(said).toEqual(['level=info msg="raw sockets disabled: TCP uses connect(), no tracing"']);
  });

  it("auto does without where the privilege is missing, and says how to grant it", async () => {
    refusing(new Error("Operation not permitted"));
    const { clock, log, said } = recordingLog();
    const wire = await openWireIfAny("auto", clock, log, PORTS);
    expect(wire.receiver.kind).toBe("none");
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^level=warn msg="no raw sockets: .*CAP_NET_RAW/);
    const failure = new Error("Too many open files");
    refusing(failure);
    await expect(openWireIfAny("auto", clock, log, PORTS)).rejects.toBe(failure);
  });

  it("auto and required take raw sockets where they can be had", async () => {
    const { clock, log } = recordingLog();
    vi.mocked(loadLibc).mockResolvedValue(libc);
    vi.mocked(PacketRing.open).mockReturnValue(ring);
    for (const wanted of ["auto", "required"] as const) {
      expect((await openWireIfAny(wanted, clock, log, PORTS)).receiver).toBe(ring);
    }
    refusing(new Error("Operation not permitted"));
    await expect(openWireIfAny("required", clock, log, PORTS)).rejects.toThrow("CAP_NET_RAW");
  });
});
