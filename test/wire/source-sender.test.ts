import { describe, expect, it } from "vitest";
import { SourceSender } from "../../src/wire/source-sender.ts";
import { tcpPacket } from "../support/packet-builder.ts";
import { recordingLibc } from "../support/recording-libc.ts";

function send(sender: SourceSender, from: string, to: string): string | undefined {
  const packet = Buffer.from(
    tcpPacket({ from, to, sourcePort: 61_000, destinationPort: 80, flags: ["syn"] }),
  );
  return sender.send(packet, packet.length);
}

describe("the sender by source address", () => {
  it("has one socket for each source address, bound to it", () => {
    const { libc, calls } = recordingLibc();
    const sender = new SourceSender(libc);
    expect(send(sender, "10.0.0.1", "192.0.2.1")).toBeUndefined();
    expect(send(sender, "10.0.0.1", "192.0.2.2")).toBeUndefined();
    expect(send(sender, "10.0.0.1", "192.0.2.1")).toBeUndefined();
    expect(send(sender, "2001:db8::1", "2001:db8::2")).toBeUndefined();
    expect(calls).toEqual([
      "socket 2 255",
      "option 10 0 11 1",
      "bind 10 0a000001",
      "send 10 c0000201",
      "send 10 c0000202",
      "send 10 c0000201",
      "socket 10 255",
      "option 11 41 25 1",
      "bind 11 0000000020010db8000000000000000000000001",
      "send 11 0000000020010db8000000000000000000000002",
    ]);
  });

  it("follows a target whose source address changes, and back", () => {
    const { libc, calls } = recordingLibc();
    const sender = new SourceSender(libc);
    for (const from of ["10.0.0.1", "10.0.0.2", "10.0.0.1"]) send(sender, from, "192.0.2.1");
    expect(calls.filter((call) => call.startsWith("send"))).toEqual([
      "send 10 c0000201",
      "send 11 c0000201",
      "send 10 c0000201",
    ]);
  });

  it("gives the error where the address is not this host's, and tries again with the next packet", () => {
    const errors: { bind?: string } = { bind: "EADDRNOTAVAIL" };
    const { libc, calls } = recordingLibc(errors);
    const sender = new SourceSender(libc);
    expect(send(sender, "10.0.0.1", "192.0.2.1")).toBe("EADDRNOTAVAIL");
    expect(calls.at(-1)).toBe("close 10");
    delete errors.bind;
    expect(send(sender, "10.0.0.1", "192.0.2.1")).toBeUndefined();
  });

  it("gives the error of a packet that the kernel did not take", () => {
    const { libc } = recordingLibc({ sendto: "ENETUNREACH" });
    expect(send(new SourceSender(libc), "10.0.0.1", "192.0.2.1")).toBe("ENETUNREACH");
  });

  it("closes every socket and sends nothing afterwards", () => {
    const { libc, calls } = recordingLibc();
    const sender = new SourceSender(libc);
    send(sender, "10.0.0.1", "192.0.2.1");
    send(sender, "10.0.0.2", "192.0.2.1");
    sender.close();
    expect(calls.slice(-2)).toEqual(["close 10", "close 11"]);
    expect(send(sender, "10.0.0.1", "192.0.2.1")).toBe("EBADF");
  });
});
