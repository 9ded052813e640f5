import { describe, expect, test } from "vitest";
import { flowLabelOf } from "../../src/flow/flow-label.ts";
import { reproduceCommands } from "../../src/view/reproduce.ts";
import { makeTarget } from "../support/target.ts";

const at = { to: "192.0.2.10", timeoutMs: 1000 };
const six = { to: "2001:db8::10", from: "2001:db8::1", timeoutMs: 1000 };

describe("reproduceCommands", () => {
  test("connect and trace from the flow's port for TCP", () => {
    expect(reproduceCommands(makeTarget(at), 61_234)).toEqual([
      "nc -z -w 2 -p 61234 192.0.2.10 3306",
      "traceroute -n -T -p 3306 --sport=61234 192.0.2.10",
      "tcptraceroute -n -p 61234 192.0.2.10 3306",
    ]);
  });

  test("ask for a page where a web server is to be expected", () => {
    const curl = (settings: Parameters<typeof makeTarget>[0]) =>
      reproduceCommands(makeTarget(settings), 61_234).filter((line) => line.startsWith("curl"));
    const flags = "-k -s -S -o /dev/null --connect-timeout 2 --local-port 61234";
    expect(curl({ ...at, port: 8080 })).toEqual([`curl ${flags} http://192.0.2.10:8080/`]);
    expect(curl({ ...six, port: 443 })).toEqual([`curl ${flags} https://[2001:db8::10]:443/`]);
    expect(curl({ ...at, protocol: "udp", port: 443 })).toEqual([]);
  });

  test("send and trace with a constant destination port for UDP", () => {
    expect(reproduceCommands(makeTarget({ ...at, protocol: "udp", port: 53 }), 61_234)).toEqual([
      "echo probe | nc -u -w 2 -p 61234 192.0.2.10 53",
      "traceroute -n -U -p 53 --sport=61234 192.0.2.10",
    ]);
  });

  test.each([
    [
      { kind: "dns", name: "www.example.net" },
      "dig -b 192.0.2.1#61234 -p 53 @192.0.2.10 www.example.net A +time=2 +tries=1",
    ],
    [
      { kind: "ntp" },
      "printf '%-96s' '23' | tr ' ' 0 | xxd -r -p | nc -u -w 2 -p 61234 192.0.2.10 53 | xxd",
    ],
    [
      { kind: "stamp" },
      "printf '%-88s' '' | tr ' ' 0 | xxd -r -p | nc -u -w 2 -p 61234 192.0.2.10 53 | xxd",
    ],
    [
      { kind: "hex", bytes: "01ff", expect: "" },
      "echo 01ff | xxd -r -p | nc -u -w 2 -p 61234 192.0.2.10 53 | xxd",
    ],
  ] as const)("ask the service for what it answers, with the payload %j", (payload, command) => {
    const target = makeTarget({ ...at, protocol: "udp", port: 53, payload });
    expect(reproduceCommands(target, 61_234)[0]).toBe(command);
  });

  test("send a QUIC packet whose header says how long it is", () => {
    const target = makeTarget({ ...at, protocol: "udp", port: 443, payload: { kind: "quic" } });
    const [command = ""] = reproduceCommands(target, 61_234);
    const [, length = "", digits = ""] = /^printf '%-(\d+)s' '([0-9a-f]+)' /.exec(command) ?? [];
    const header = Buffer.from(digits, "hex");
    expect(Number(length)).toBe(2400);
    // First byte, version, two connection ids of eight bytes, no token, the length of the rest.
    expect([header[5], header[14], header[23]]).toEqual([8, 8, 0]);
    expect(header.readUInt16BE(24) & 0x3fff).toBe(1200 - header.length);
  });

  test("ping with the flow's identifier for ICMP", () => {
    expect(reproduceCommands(makeTarget({ ...at, protocol: "icmp" }), 61_234)).toEqual([
      "ping -c 3 -W 2 -e 61234 192.0.2.10",
    ]);
  });

  test("say IPv6 where a tool needs to be told, and the flow's label where it can be", () => {
    const label = flowLabelOf("port", 61_234);
    expect(reproduceCommands(makeTarget(six), 61_234)).toEqual([
      "nc -6 -z -w 2 -p 61234 2001:db8::10 3306",
      `traceroute -6 -n -T -l ${label} -p 3306 --sport=61234 2001:db8::10`,
    ]);
    expect(reproduceCommands(makeTarget({ ...six, protocol: "udp", port: 53 }), 61_234)).toEqual([
      "echo probe | nc -6 -u -w 2 -p 61234 2001:db8::10 53",
      `traceroute -6 -n -U -l ${label} -p 53 --sport=61234 2001:db8::10`,
    ]);
    expect(reproduceCommands(makeTarget({ ...six, protocol: "icmp" }), 7)).toEqual([
      `ping -6 -F ${flowLabelOf("port", 7)} -c 3 -W 2 -e 7 2001:db8::10`,
    ]);
    const unlabelled = makeTarget({ ...six, protocol: "icmp", flowLabel: 0 });
    expect(reproduceCommands(unlabelled, 7)).toEqual(["ping -6 -c 3 -W 2 -e 7 2001:db8::10"]);
  });

  test("wait longer than a probe does, in whole seconds", () => {
    const wait = (timeoutMs: number): string | undefined =>
      reproduceCommands(makeTarget({ ...at, timeoutMs }), 1)[0]?.split(" ")[3];
    expect([50, 1000, 1001, 4500].map(wait)).toEqual(["2", "2", "3", "6"]);
  });
});
