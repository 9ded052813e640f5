import { describe, expect, it } from "vitest";
import { HELP, parseCommandLine } from "../../src/cli/arguments.ts";
import { TRACE_FLAGS } from "../../src/cli/trace-arguments.ts";
import { UsageError } from "../../src/cli/usage-error.ts";

const DEFAULTS = {
  kind: "serve",
  file: "config/ecmp-exporter.yml",
  listenAddress: ":10190",
  telemetryPath: "/metrics",
  webConfigFile: undefined,
  receiver: "auto",
  logLevel: "info",
  logFormat: "logfmt",
};

describe("a command line", () => {
  it.each([[[]], [["serve"]]])("of %j serves with the defaults", (args) => {
    expect(parseCommandLine(args)).toEqual(DEFAULTS);
  });

  it("takes every flag, with an equals sign or a space, before or behind the command", () => {
    const args = [
      "--config.file=a.yml",
      "--web.listen-address",
      "127.0.0.1:0",
      "serve",
      "--web.telemetry-path=/probes",
      "--web.config.file",
      "web.yml",
      "--receiver=raw",
      "--log.level=debug",
      "--log.format=json",
    ];
    expect(parseCommandLine(args)).toEqual({
      kind: "serve",
      file: "a.yml",
      listenAddress: "127.0.0.1:0",
      telemetryPath: "/probes",
      webConfigFile: "web.yml",
      receiver: "raw",
      logLevel: "debug",
      logFormat: "json",
    });
  });

  it.each([
    [["check-config"], "config/ecmp-exporter.yml"],
    [["check-config", "b.yml"], "b.yml"],
    [["--config.file=c.yml", "check-config"], "c.yml"],
  ])("of %j checks a file", (args, file) => {
    expect(parseCommandLine(args)).toEqual({ kind: "check-config", file });
  });

  it("reflects for the networks that are allowed", () => {
    const common = { telemetryPath: "/metrics", webConfigFile: undefined, logLevel: "info" };
    expect(parseCommandLine(["reflect", "--allow=192.0.2.0/24"])).toMatchObject({
      kind: "reflect",
      listen: [":862"],
      allow: ["192.0.2.0/24"],
      packetsPerSecond: 1000,
      webListenAddress: ":10191",
      ...common,
    });
    const args = "reflect --allow=::1 --allow=127.0.0.0/8 --listen=[::1]:1 --listen=127.0.0.1:1";
    expect(parseCommandLine([...args.split(" "), "--rate=7"])).toMatchObject({
      listen: ["[::1]:1", "127.0.0.1:1"],
      allow: ["::1", "127.0.0.0/8"],
      packetsPerSecond: 7,
    });
  });

  it.each([
    [["--help"], "help"],
    [["-h"], "help"],
    [["serve", "--help"], "help"],
    [["--version"], "version"],
    [["no-such-command", "--help"], "help"],
  ])("of %j asks for the %s", (args, kind) => {
    expect(parseCommandLine(args)).toEqual({ kind });
  });

  it.each([
    [["--no.such.flag"], "Unknown option '--no.such.flag'"],
    [["-x"], "Unknown option '-x'"],
    [["--config.file"], "Option '--config.file <value>' argument missing"],
    [["--log.level", "--version"], "Option '--log.level' argument is ambiguous"],
    [["--version=1"], "Option '--version' does not take an argument"],
    [
      ["start"],
      'unknown command "start"; the commands are serve, trace, check-config, doctor and reflect',
    ],
    [["serve", "now"], 'unexpected argument "now"'],
    [
      ["reflect"],
      "reflect needs --allow: the networks whose requests are answered, such as --allow=192.0.2.0/24",
    ],
    [
      ["reflect", "--allow=192.0.2.0/33"],
      '--allow: "192.0.2.0/33" is not a valid network: write it as 192.0.2.0/24, 2001:db8::/32 or a single address',
    ],
    [
      ["reflect", "--allow=192.0.2.1", "--rate=0"],
      '--rate must be a whole number from 1 to 9999999, not "0"',
    ],
    [
      ["reflect", "--allow=192.0.2.1", "--listen=862"],
      'cannot listen on "862": write it as :10190, 127.0.0.1:10190 or [::1]:10190',
    ],
    [["--listen=:862"], "--listen is a flag of reflect"],
    [["serve", "--rate=5"], "--rate is a flag of reflect"],
    [
      ["trace", "--web.listen-address=:1", "192.0.2.10:80"],
      "--web.listen-address is a flag of serve and reflect",
    ],
    [["doctor", "--receiver=raw"], "--receiver is a flag of serve and trace"],
    [
      ["reflect", "--allow=::1", "--config.file=x.yml"],
      "--config.file is a flag of serve, check-config and doctor",
    ],
    [["check-config", "a", "b"], 'check-config takes one file, not "b" as well'],
    [["doctor", "a", "--config.file=b"], "doctor takes FILE or --config.file, not both"],
    [["--log.level=loud"], '--log.level must be one of debug, info, warn, error, not "loud"'],
    [["--log.format=xml"], '--log.format must be one of logfmt, json, not "xml"'],
    [
      ["--web.telemetry-path=metrics"],
      '--web.telemetry-path must be a path such as /metrics, not "metrics"',
    ],
    [["--receiver=ring"], '--receiver must be one of auto, raw, not "ring"'],
    [
      ["check-config", "--log.level="],
      '--log.level must be one of debug, info, warn, error, not ""',
    ],
    [
      ["--web.listen-address=10190"],
      'cannot listen on "10190": write it as :10190, 127.0.0.1:10190 or [::1]:10190',
    ],
  ])("of %j is refused in one sentence", (args, sentence) => {
    let refusal: unknown;
    try {
      parseCommandLine(args);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(UsageError);
    expect(refusal).toHaveProperty("message", sentence);
  });
});

describe("the text of --help", () => {
  it("names every flag that is taken, and no other", () => {
    const named = [...HELP.matchAll(/^ {2}(?:-\w, )?--([\w.-]+)/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual([
      "all",
      "allow",
      "config.file",
      "dot",
      "family",
      "flows",
      "help",
      "json",
      "listen",
      "log.format",
      "log.level",
      "payload",
      "protocol",
      "rate",
      "receiver",
      "rounds",
      "source-ports",
      "ticket",
      "timeout",
      "version",
      "web.config.file",
      "web.listen-address",
      "web.telemetry-path",
    ]);
    const values: Readonly<Record<string, string>> = {
      "log.format": "json",
      "log.level": "warn",
      flows: "8",
      protocol: "udp",
      receiver: "raw",
      timeout: "2s",
      family: "ipv4",
      payload: "ntp",
      rounds: "2",
      "source-ports": "50000-50999",
      "web.listen-address": ":1",
      listen: ":1",
      allow: "::1",
      rate: "1",
    };
    const ofReflect = ["listen", "allow", "rate"];
    for (const name of named) {
      const flag = `--${name}`;
      const boolean = ["help", "version", "all", "dot", "json", "ticket"].includes(name ?? "");
      const arg = boolean ? flag : `${flag}=${values[name ?? ""] ?? "/x"}`;
      const traces = Object.hasOwn(TRACE_FLAGS, name ?? "");
      const reflects = ofReflect.includes(name ?? "") ? ["reflect", "--allow=::1"] : [];
      const command = traces ? ["trace", "192.0.2.10:53", "--protocol=udp"] : reflects;
      expect(() => parseCommandLine([...command, arg])).not.toThrow();
    }
  });
});
