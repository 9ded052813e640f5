import { expect, test } from "vitest";
import { peerNetwork } from "../../src/http/peer.ts";

test.each([
  ["192.0.2.1", "::ffff:192.0.2.1", true],
  ["192.0.2.1", "192.0.2.2", false],
  ["2001:db8::1", "2001:db8:0:0:ffff::9", true],
  ["2001:db8::1", "2001:db8:0:1::1", false],
  ["fe80::1%eth0", "fe80::2%eth0", true],
])("%s and %s count as one peer: %s", (a, b, same) => {
  expect(peerNetwork({ remoteAddress: a }) === peerNetwork({ remoteAddress: b })).toBe(same);
});
