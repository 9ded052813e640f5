import { describe, expect, test } from "vitest";
import { buildFilter, encodeProgram } from "../../src/packet/bpf.ts";
import { onlyFrom } from "../../src/packet/bpf-remotes.ts";
import { address } from "../support/address.ts";
import { runFilter } from "../support/bpf-interpreter.ts";
import { tcpPacket } from "../support/packet-builder.ts";

const ports = [{ first: 61_000, last: 61_999 }];
/** As many as are ever watched at once, of both families in turn. */
const REMOTES = Array.from({ length: 128 }, (_, i) => [
  `198.51.100.${i}`,
  `2001:db8:7::${i + 1}`,
]).flat();
const KINDS = [
  {
    linkType: "raw",
    to: "192.0.2.1",
    header: 0,
    ours: REMOTES.filter((text) => !text.includes(":")),
  },
  {
    linkType: "raw6",
    to: "2001:db8::1",
    header: 40,
    ours: REMOTES.filter((text) => text.includes(":")),
  },
] as const;

describe.each(KINDS)(
  "a $linkType filter for the answers of some",
  ({ linkType, to, header, ours }) => {
    const program = encodeProgram(
      onlyFrom(REMOTES.map(address), linkType, buildFilter({ ports, linkType })),
    );
    const kept = (from: string, destinationPort = 61_007): boolean =>
      runFilter(
        program,
        tcpPacket({ from, to, sourcePort: 443, destinationPort, flags: ["syn", "ack"] }),
        { viewOffset: header },
      ) > 0;

    test("keeps those of each of them, the first and the last included", () => {
      expect(ours.filter((from) => !kept(from))).toEqual([]);
    });

    test("drops those of others, and what the ports do not let in", () => {
      const others =
        linkType === "raw"
          ? ["198.51.101.5", "198.50.100.5"]
          : ["2001:db8:7:1::1", "2001:db8:8::1"];
      expect(others.filter((from) => kept(from))).toEqual([]);
      expect(kept(ours[5] ?? "", 62_000)).toBe(false);
    });

    test("keeps nothing without anybody, and fits the kernel's 4,096 instructions with all", () => {
      const none = encodeProgram(onlyFrom([], linkType, buildFilter({ ports, linkType })));
      const packet = tcpPacket({
        from: ours[0] ?? "",
        to,
        sourcePort: 443,
        destinationPort: 61_007,
        flags: ["rst"],
      });
      expect(runFilter(none, packet, { viewOffset: header })).toBe(0);
      expect(program.length / 8).toBeLessThan(4096 / 2);
    });
  },
);
