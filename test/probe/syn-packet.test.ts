import { expect, test } from "vitest";
import { readUint32 } from "../../src/packet/octets.ts";
import { identify } from "../../src/probe/probe-id.ts";
import { ProbePacket } from "../../src/probe/probe-packet.ts";
import { SynPacket, stampIpv4Syn } from "../../src/probe/syn-packet.ts";
import { makeTarget } from "../support/target.ts";

const ENDS = {
  4: { from: "192.0.2.1", to: "198.51.100.7" },
  6: { from: "2001:db8::1", to: "2001:db8:1::7" },
} as const;

test.each([4, 6] as const)(
  "TCP flows of a target that are made by what they have in common over IPv%d send what each would by itself",
  (family) => {
    const digests = ["000102030405060708090a0b", "f0e1d2c3b4a5968778695a4b"];
    for (const flowLabel of ["port", 0] as const) {
      const target = makeTarget({ ...ENDS[family], protocol: "tcp", flowLabel, dscp: 46 });
      const alone = digests.map(
        (digest, at) => new ProbePacket(target, 61_000 + at, Buffer.from(digest, "hex")),
      );
      const syn = new SynPacket(target, alone[0]?.bytes ?? Buffer.alloc(0));
      const ends = {
        ...target,
        localNumber: readUint32(target.source.bytes, 0) | 0,
        remoteNumber: readUint32(target.address.bytes, 0) | 0,
      };
      for (let round = 0; round < 6; round += 1) {
        const at = round % 2;
        const packet = alone[at];
        const fields = [64 - round, identify(0, 500 * round), 0xffff_fff0 + round] as const;
        packet?.stamp(...fields);
        const { sequence = 0, sum: synSum = 0 } = packet ?? {};
        const flow = { sourcePort: 61_000 + at, sequence, synSum };
        const made =
          family === 4 ? stampIpv4Syn(ends, flow, ...fields) : syn.stamp(flow, ...fields);
        expect([...made]).toEqual([...(packet?.bytes ?? [])]);
      }
    }
  },
);
