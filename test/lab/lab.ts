import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./command.ts";
import { buildNamespaces, joinToHost, labPrefix, removeNamespaces } from "./namespaces.ts";
import { LabProcess } from "./processes.ts";
import { routeLines } from "./routes.ts";
import { interfaceTo, nodeOf, type Topology } from "./topology.ts";
import { Truth } from "./truth.ts";

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * A network that stands. Whoever builds one must `destroy` it; should the process end before, its exit handler
 * does, and what a killed process leaves behind the next one sweeps away.
 */
export class Lab {
  readonly topology: Topology;
  readonly #prefix: string;
  readonly #hostAddresses = new Map<string, string>();
  readonly #processes = new Set<LabProcess>();
  readonly #directories: string[] = [];
  readonly #onExit = () => this.#removeNow();
  readonly #onSignal = (signal: NodeJS.Signals) => {
    this.#removeNow();
    // A program with handlers of its own decides by itself when to end.
    if (process.listenerCount(signal) === 0 && signal in SIGNALS) {
      process.exit(SIGNALS[signal as keyof typeof SIGNALS]);
    }
  };

  private constructor(topology: Topology, prefix: string) {
    this.topology = topology;
    this.#prefix = prefix;
  }

  /** Builds the network; needs root, takes a second or two. */
  static async build(topology: Topology): Promise<Lab> {
    const lab = new Lab(topology, labPrefix(randomBytes(2).toString("hex")));
    process.on("exit", lab.#onExit);
    for (const signal of Object.keys(SIGNALS)) process.on(signal, lab.#onSignal);
    try {
      await buildNamespaces(topology, lab.#prefix);
      for (const node of topology.spec.hostAccess ?? []) {
        lab.#hostAddresses.set(node, await joinToHost(lab.namespace(node)));
      }
    } catch (error) {
      await lab.destroy();
      throw error;
    }
    return lab;
  }

  /** Name of a node's network namespace. */
  namespace(node: string): string {
    return `${this.#prefix}-${nodeOf(this.topology, node).name}`;
  }

  /** The node's own address, which it sends from. */
  address(node: string): string {
    return nodeOf(this.topology, node).address;
  }

  /** The address from which `node` answers a TTL that expired on a packet handed over by `previous`. */
  answerAddress(node: string, previous: string): string {
    return this.topology.spec.answersFrom === "interface"
      ? interfaceTo(this.topology, node, previous).address
      : this.address(node);
  }

  /** The address at which the host reaches `node`; only nodes of `hostAccess` have one. */
  hostAddress(node: string): string {
    const address = this.#hostAddresses.get(node);
    if (address === undefined) throw new Error(`${node} is not in hostAccess`);
    return address;
  }

  /** Runs a command in a node to its end and returns what it printed. */
  exec(node: string, argv: readonly string[], input = ""): Promise<string> {
    return run("ip", ["netns", "exec", this.namespace(node), ...argv], input);
  }

  /** Feeds nftables commands to a node. */
  nft(node: string, commands: string): Promise<string> {
    return this.exec(node, ["nft", "-f", "-"], commands);
  }

  /** Starts a command in a node; it ends with the lab at the latest. */
  spawn(node: string, argv: readonly string[], env: NodeJS.ProcessEnv = process.env): LabProcess {
    const started = new LabProcess(["ip", "netns", "exec", this.namespace(node), ...argv], env);
    this.#processes.add(started);
    return started;
  }

  /** A new directory for files, removed with the lab. */
  temporaryDirectory(): string {
    const directory = mkdtempSync(join(tmpdir(), `${this.#prefix}-`));
    this.#directories.push(directory);
    return directory;
  }

  /** What a router really forwarded. */
  truth(router: string): Truth {
    return new Truth(this, router);
  }

  /** Routes around the nodes of `without`; with none, restores the routes as declared. */
  async reroute(without: readonly string[] = []): Promise<void> {
    const out = new Set(without);
    await Promise.all(
      [...this.topology.nodes.values()].map((node) => {
        const lines = out.has(node.name) ? [] : routeLines(this.topology, node, out);
        return this.batch(node.name, lines);
      }),
    );
  }

  /** Runs lines of `ip -batch` in a node. */
  async batch(node: string, lines: readonly string[]): Promise<void> {
    const text = lines.map((line) => `${line}\n`).join("");
    await run("ip", ["-n", this.namespace(node), "-batch", "-"], text);
  }

  /** Ends every process in the lab and removes the network. May be called twice. */
  async destroy(): Promise<void> {
    process.off("exit", this.#onExit);
    for (const signal of Object.keys(SIGNALS)) process.off(signal, this.#onSignal);
    await Promise.all([...this.#processes].map((started) => started.stop("SIGKILL")));
    this.#removeAll();
  }

  #removeNow(): void {
    for (const signal of Object.keys(SIGNALS)) process.off(signal, this.#onSignal);
    for (const started of this.#processes) started.kill("SIGKILL");
    this.#removeAll();
  }

  #removeAll(): void {
    removeNamespaces(this.#prefix);
    for (const directory of this.#directories) {
      // A process that was just killed may have made a file meanwhile.
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    }
  }
}
