import { describe, expect, test } from "vitest";
import { parseCommandLine } from "../../src/cli/arguments.ts";
import { UsageError } from "../../src/cli/usage-error.ts";

/** What a command line of trace asks for. */
function traced(...args: string[]) {
  const command = parseCommandLine(["trace", ...args]);
  if (command.kind !== "trace") throw new Error(`it is ${command.kind}`);
  return command;
}

describe("a command line of trace", () => {
  test("probes 64 flows over TCP with a timeout of a second, and is quiet but for errors", () => {
    const { target, rounds, format, receiver, logLevel } = traced("192.0.2.10:3306");
    expect(target).toMatchObject({
      name: "192.0.2.10:3306",
      host: "192.0.2.10",
      port: 3306,
      protocol: "tcp",
      flowBuckets: 64,
      timeoutMs: 1000,
      sourcePorts: { first: 61_000, last: 65_535 },
    });
    expect({ rounds, format, receiver, logLevel }).toEqual({
      rounds: 1,
      format: "report",
      receiver: "auto",
      logLevel: "error",
    });
  });

  test("takes names, IPv6 addresses in brackets, and a host alone for icmp", () => {
    expect(traced("db.example.net:443").target).toMatchObject({
      host: "db.example.net",
      port: 443,
    });
    expect(traced("[2001:db8::1]:443").target).toMatchObject({ host: "2001:db8::1", port: 443 });
    const { target } = traced("--protocol=icmp", "192.0.2.10");
    expect(target).toMatchObject({ protocol: "icmp", port: 0 });
  });

  test("takes its flags wherever they stand", () => {
    const args = ["--flows=8", "trace", "--json", "192.0.2.10:53", "--protocol", "udp"];
    const command = parseCommandLine([...args, "--timeout=250ms", "--log.level=debug"]);
    expect(command).toMatchObject({ kind: "trace", format: "json", logLevel: "debug" });
    expect(command).toMatchObject({
      target: { protocol: "udp", port: 53, flowBuckets: 8, timeoutMs: 250 },
    });
  });

  test("sends no more than 100 probes a second, and a probe is over before its flow's next", () => {
    for (const [flows, timeout] of [
      ["1", "100ms"],
      ["64", "1s"],
      ["1024", "1s"],
      ["16", "9s"],
    ] as const) {
      const { target } = traced("192.0.2.10:80", `--flows=${flows}`, `--timeout=${timeout}`);
      expect((target.flowBuckets * 1000) / target.intervalMs).toBeLessThanOrEqual(100);
      expect(target.timeoutMs).toBeLessThan(target.intervalMs);
    }
  });

  test("takes other source ports, an address family, more rounds, a payload and another format", () => {
    const ports = traced("db.example.net:80", "--source-ports=50000-50999", "--family=ipv6");
    expect(ports.target).toMatchObject({
      sourcePorts: { first: 50_000, last: 50_999 },
      family: "ipv6",
    });
    expect(traced("192.0.2.10:80", "--rounds=20").rounds).toBe(20);
    expect(traced("192.0.2.10:80", "--all").format).toBe("full");
    expect(traced("192.0.2.10:80", "--ticket").format).toBe("ticket");
    expect(traced("192.0.2.10:80", "--dot").format).toBe("dot");
    const said = (payload: string) =>
      traced("192.0.2.10:53", "--protocol=udp", `--payload=${payload}`).target.payload;
    expect(said("dns:www.example.net")).toEqual({ kind: "dns", name: "www.example.net" });
    expect(said("ntp")).toEqual({ kind: "ntp" });
    expect(said("hex:01 ff")).toEqual({ kind: "hex", bytes: "01ff", expect: "" });
  });

  test.each([
    [["trace"], "trace takes one target, HOST:PORT, or HOST alone for icmp"],
    [["trace", "a:1", "b:2"], "trace takes one target, HOST:PORT, or HOST alone for icmp"],
    [["trace", "192.0.2.10"], '"192.0.2.10" needs a port: tcp targets are HOST:PORT'],
    [["trace", "192.0.2.10:0"], '"192.0.2.10:0" must have a port between 1 and 65535'],
    [
      ["trace", "192.0.2.10:80", "--protocol=icmp"],
      '"192.0.2.10:80" must be a host without a port: icmp has no ports',
    ],
    [
      ["trace", "192.0.2.10:80", "--protocol=sctp"],
      '--protocol must be one of tcp, udp, icmp, not "sctp"',
    ],
    [["trace", "192.0.2.10:80", "--flows=0"], '--flows must be between 1 and 1024, not "0"'],
    [["trace", "192.0.2.10:80", "--flows=ten"], '--flows must be a whole number, not "ten"'],
    [
      ["trace", "192.0.2.10:80", "--timeout=1"],
      '--timeout must be a duration with its unit, such as "10s" or "1m30s", not "1"',
    ],
    [["trace", "192.0.2.10:80", "--rounds=0"], '--rounds must be between 1 and 100, not "0"'],
    [["trace", "192.0.2.10:80", "--json", "--dot"], "--dot and --json exclude each other"],
    [
      ["trace", "192.0.2.10:80", "--source-ports=80"],
      '--source-ports must be a range of ports such as "61000-65535", not "80"',
    ],
    [
      ["trace", "192.0.2.10:80", "--source-ports=50000-50009"],
      "--source-ports 50000-50009 holds fewer ports than --flows, which is 64",
    ],
    [
      ["trace", "192.0.2.10:80", "--family=ipv6"],
      "--family must be ipv4 or auto, since 192.0.2.10 is an IPv4 address",
    ],
    [
      ["trace", "192.0.2.10:80", "--family=ipx"],
      '--family must be one of auto, ipv4, ipv6, not "ipx"',
    ],
    [["trace", "192.0.2.10:80", "--payload=ntp"], "--payload needs --protocol=udp"],
    [
      ["trace", "192.0.2.10:53", "--protocol=udp", "--payload=dns"],
      '--payload must be dns:NAME, ntp, quic, stamp or hex:BYTES, not "dns"',
    ],
    [
      ["trace", "192.0.2.10:53", "--protocol=udp", "--payload=dns:-.."],
      '--payload must be a domain name such as "www.example.net", not "dns:-.."',
    ],
    [["serve", "--json"], "--json is a flag of trace"],
    [["check-config", "--flows=8"], "--flows is a flag of trace"],
  ])("%j is refused in one sentence", (args, sentence) => {
    expect(() => parseCommandLine(args)).toThrow(new UsageError(sentence));
  });
});
