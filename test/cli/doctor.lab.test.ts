// `doctor` on hosts that spoil probes, each in its own way, and on one that does not.
import { realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Lab } from "../lab/lab.ts";
import { packageRoot } from "../lab/services.ts";
import { story, VIP } from "../lab/topologies.ts";

/** Two more uplinks of the client, that lead nowhere. */
const UPLINKS = [
  "ip link add p2a type veth peer name p2b; ip link add p3a type veth peer name p3b",
  "ip addr add 10.9.0.1/24 dev p2a; ip addr add 10.9.1.1/24 dev p3a",
  "for i in p2a p2b p3a p3b; do ip link set $i up; done",
];
const NO_UPLINKS = "ip link del p2a; ip link del p3a";

describe.skipIf(inject("labMissing") !== "")("doctor", () => {
  let lab: Lab;
  let file: string;

  beforeAll(async () => {
    lab = await Lab.build(story(2));
    file = join(lab.temporaryDirectory(), "config.yml");
    writeFileSync(file, JSON.stringify({ targets: [{ name: "vip", host: VIP, port: 3306 }] }));
  });
  afterAll(() => lab?.destroy());

  /** What is not well, and the exit code. */
  async function look(...wrapper: string[]): Promise<{ code: number | null; wrong: string[] }> {
    const { code, lines } = await linesOf(file, wrapper);
    return { code, wrong: lines.filter((line) => !/^ok |^\S+ +time source/.test(line)) };
  }

  async function linesOf(config: string, wrapper: readonly string[] = []) {
    const command = [...wrapper, process.execPath, join(packageRoot(), "dist/cli.js")];
    const started = lab.spawn("client", [...command, "doctor", config]);
    const code = await started.ended();
    expect(started.stderr).toBe("");
    const lines = started.stdout.trimEnd().split("\n");
    expect(lines.length).toBeGreaterThan(8);
    return { code, lines };
  }

  /** Runs the command where something else stands in the place of a file or directory. */
  const mounted = (instead: string, place: string) => [
    "unshare",
    "-m",
    "sh",
    "-ec",
    `mount --bind '${instead}' '${place}'; exec "$@"`,
    "sh",
  ];

  /** Does something to the host, looks, undoes it. */
  async function with_(commands: readonly string[], undo: readonly string[]): Promise<string[]> {
    const run = (lines: readonly string[]) => lab.exec("client", ["sh", "-ec", lines.join("\n")]);
    await run(commands);
    try {
      return (await look()).wrong;
    } finally {
      await run(undo);
    }
  }

  it("finds nothing on a clean host, and ends with 0", async () => {
    expect(await look()).toEqual({ code: 0, wrong: [] });
  });

  it("finds that the privilege is missing, and ends with 3", async () => {
    const { code, wrong } = await look("setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw");
    expect(code).toBe(3);
    expect(wrong[0]).toMatch(/^error {4}privilege +Raw sockets cannot be opened: .*CAP_NET_RAW/);
  });

  it.each([
    [
      "source ports that the kernel hands out",
      ["sysctl -qw net.ipv4.ip_local_port_range='32768 62000'"],
      ["sysctl -qw net.ipv4.ip_local_port_range='32768 60999'"],
      /^warning {2}source ports +61000-65535 overlaps the kernel's own 32768-62000/,
    ],
    [
      "a rule that drops resets",
      [
        "nft add table ip t",
        "nft add chain ip t o '{ type filter hook output priority 0; }'",
        "nft add rule ip t o tcp flags rst drop",
      ],
      ["nft delete table ip t"],
      /^warning {2}firewall +vip: rule \d+ of chain ip t o drops the kernel's resets/,
    ],
    [
      "a firewall that lets no ICMP errors in",
      [
        "nft add table inet t",
        "nft add chain inet t i '{ type filter hook input priority 0; policy drop; }'",
        "nft add rule inet t i ct state established accept",
      ],
      ["nft delete table inet t"],
      /^warning {2}firewall +vip: the policy of chain inet t i drops routers' ICMP errors/,
    ],
    [
      "a translation of the target",
      [
        "nft add table ip t",
        "nft add chain ip t o '{ type nat hook output priority -100; }'",
        `nft add rule ip t o ip daddr ${VIP} tcp dport 3306 dnat to 192.0.2.99`,
      ],
      ["nft delete table ip t"],
      /^warning {2}local NAT +vip: rule \d+ of chain ip t o changes addresses or ports of probes/,
    ],
    [
      "a rule by which connections go where no probe can follow",
      [
        ...UPLINKS,
        "ip route add default via 10.9.0.2 table 77",
        "ip rule add ipproto tcp dport 3306 table 77",
        // A NAT or not: connections are tracked, this one for a while.
        "nft add table ip t",
        "nft add chain ip t o '{ type filter hook output priority 0; }'",
        "nft add rule ip t o ct state new accept",
        `nc -z -w 1 ${VIP} 3306 || true`,
      ],
      ["ip rule del ipproto tcp dport 3306 table 77; nft delete table ip t", NO_UPLINKS],
      /^warning {2}routes +vip: raw packets leave by .*, a connection from port 61000 by 10\.9\.0\.2 on p2a: .* Probes cannot be sent the way of connections: .* NAT/,
    ],
    [
      "a strict reverse path filter beside a second interface",
      [
        "ip link add p2a type veth peer name p2b",
        "ip link set p2a up; ip link set p2b up",
        "sysctl -qw net.ipv4.conf.p2a.rp_filter=1",
      ],
      ["ip link del p2a"],
      /^warning {2}rp_filter +Strict on p2a:/,
    ],
  ])("finds %s", async (_, commands, undo, line) => {
    const wrong = await with_(commands, undo);
    expect(wrong).toContainEqual(expect.stringMatching(line));
    for (const one of wrong) expect(one).toContain(" Fix: ");
  });

  it.each([
    [
      "a rule",
      ["ip route add default dev p2a table 77", "ip rule add ipproto tcp dport 3306 table 77"],
      "ip rule del ipproto tcp dport 3306 table 77",
      /raw packets leave by .*, a connection from port 61000 by p2a: /,
    ],
    [
      "uplinks that connections are spread over",
      [
        "sysctl -qw net.ipv4.fib_multipath_hash_policy=1",
        "ip route add default table 77 nexthop via 10.9.0.2 dev p2a nexthop via 10.9.1.2 dev p3a",
        `ip rule add to ${VIP} table 77`,
      ],
      `ip rule del to ${VIP} table 77; sysctl -qw net.ipv4.fib_multipath_hash_policy=0`,
      // The first, where all three connections that are asked for take the uplink of the probes.
      /this host spreads connections over 2 uplinks|raw packets leave by .* several uplinks part them/,
    ],
  ])("says that probes follow %s", async (_, commands, undo, parted) => {
    const run = (lines: readonly string[]) => lab.exec("client", ["sh", "-ec", lines.join("\n")]);
    await run([...UPLINKS, ...commands]);
    try {
      const { lines } = await linesOf(file);
      const [routes = ""] = lines.filter((line) => /^ok +routes/.test(line));
      expect(routes, lines.join("\n")).toMatch(parted);
      expect(routes).toMatch(/Probes are sent the way of connections\.$/);
    } finally {
      await run([undo, NO_UPLINKS]);
    }
  });

  it("finds that IPv6 probes carry a flow label and connections none", async () => {
    const config = join(lab.temporaryDirectory(), "six.yml");
    const targets = [{ name: "six", host: "2001:db8:9::2", port: 3306 }];
    writeFileSync(config, JSON.stringify({ targets }));
    const run = (line: string) => lab.exec("client", ["sh", "-ec", line]);
    await run(`ip link add p6a type veth peer name p6b; sysctl -qw net.ipv6.conf.p6a.disable_ipv6=0
      ip link set p6a up; ip link set p6b up
      ip -6 addr add 2001:db8:9::1/64 dev p6a nodad; sysctl -qw net.ipv6.auto_flowlabels=0`);
    try {
      expect((await linesOf(config)).lines).toContainEqual(
        expect.stringMatching(
          /^warning {2}flow labels +six: probes carry a flow label and connections of this host none \(.*=0\).* Fix: flow_label: 0$/,
        ),
      );
    } finally {
      await run("ip link del p6a; sysctl -qw net.ipv6.auto_flowlabels=1");
    }
  });

  it("finds that the clock is slow to read", async () => {
    const slow = join(lab.temporaryDirectory(), "clock");
    writeFileSync(slow, "acpi_pm\n");
    const place = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    const { lines } = await linesOf(file, mounted(slow, place));
    expect(lines).toContainEqual(
      expect.stringMatching(/^warning {2}time source +acpi_pm is slow to read: .* Fix: /),
    );
  });

  it("finds that there is no packet ring", async () => {
    const koffi = realpathSync(join(packageRoot(), "node_modules/koffi"));
    const { code, wrong } = await look(...mounted(lab.temporaryDirectory(), koffi));
    expect(wrong).toEqual([
      expect.stringMatching(/^warning {2}ring +There is no packet ring, .* Fix: /),
    ]);
    expect(code).toBe(0);
  });

  it("says which tool it misses", async () => {
    const bare = join(lab.temporaryDirectory(), "bin");
    const { wrong } = await look("env", `PATH=${bare}`);
    expect(wrong.join("\n")).toContain("The firewall was not looked at: nft is not installed.");
    expect(wrong.join("\n")).toContain("ip is not installed");
  });
});
