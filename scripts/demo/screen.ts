import type { FlowRow } from "../../test/lab/flow-rows.ts";
import type { PingCount } from "./ping.ts";

/** What is shown at a moment. */
export interface View {
  /** Seconds since the demo began to play. */
  readonly seconds: number;
  /** What the network is like now. */
  readonly act: string;
  readonly rows: readonly FlowRow[];
  /** What the exporter says of the target. */
  readonly verdict: string;
  readonly ping: PingCount;
  /** Names an address: `10.0.0.8 (r8)`. */
  readonly named: (address: string) => string;
}

/** Where the demo is shown. */
export interface Screen {
  /** A line that stays. */
  say(line: string): void;
  /** The state of things, for the moment. */
  show(view: View): void;
}

/** Lines of the block above its table, and one below. */
const FRAME_LINES = 6;
/** Without a terminal, a line at least this often even if nothing changes. */
const PLAIN_EVERY_SECONDS = 5;

/** A table that is drawn again in its place on a terminal, plain lines elsewhere. */
export function openScreen(out: NodeJS.WriteStream): Screen {
  return out.isTTY ? new TerminalScreen(out) : new PlainScreen(out);
}

/** The flows that fail, and those that have. */
function troubled(rows: readonly FlowRow[]): FlowRow[] {
  return rows.filter((row) => row.failures > 0);
}

function summary({ rows, ping, verdict }: View): string {
  const failing = rows.filter((row) => !row.up).length;
  const flows =
    failing === 0 ? `all ${rows.length} flows up` : `${failing} of ${rows.length} flows FAILING`;
  return `${flows}; verdict: ${verdict}; ping: ${ping.sent} sent, ${ping.answered} answered`;
}

function place(row: FlowRow, named: View["named"]): string {
  return row.lastHop === "unknown" ? "being traced ..." : named(row.lastHop);
}

class TerminalScreen implements Screen {
  readonly #out: NodeJS.WriteStream;
  #drawn = 0;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  say(line: string): void {
    this.#erase();
    this.#out.write(`${line}\n`);
  }

  show(view: View): void {
    const { rows, named, act, seconds } = view;
    const room = Math.max(3, this.#out.rows - FRAME_LINES - 1);
    const shown = troubled(rows);
    const lines = [
      "",
      `${seconds.toFixed(0).padStart(4)} s  ${act}`,
      `        ${summary(view)}`,
      "",
      ...(shown.length === 0
        ? []
        : ["  bucket  source port    state  probes  failed  last responding hop"]),
      ...shown.slice(0, room).map((row) => {
        const cells = [
          `${row.bucket}`.padStart(8),
          `${row.sourcePort}`.padStart(11),
          (row.up ? "up" : "failing").padStart(7),
          `${row.probes}`.padStart(6),
          `${row.failures}`.padStart(6),
        ];
        return `${cells.join("  ")}  ${place(row, named)}`;
      }),
      ...(shown.length > room ? [`          and ${shown.length - room} more`] : []),
    ];
    this.#erase();
    // A line that wraps would take two, and the next drawing would not know.
    this.#out.write(lines.map((line) => `${line.slice(0, this.#out.columns - 1)}\n`).join(""));
    this.#drawn = lines.length;
  }

  #erase(): void {
    // CSI n A: n lines up; CSI J: erase from here to the end (ECMA-48).
    if (this.#drawn > 0) this.#out.write(`\u001b[${this.#drawn}A\u001b[J`);
    this.#drawn = 0;
  }
}

class PlainScreen implements Screen {
  readonly #out: NodeJS.WriteStream;
  readonly #said: Map<number, string> = new Map();
  #lastLineAt = Number.NEGATIVE_INFINITY;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  say(line: string): void {
    this.#out.write(`${line}\n`);
  }

  show(view: View): void {
    const { rows, named, seconds } = view;
    const time = `${seconds.toFixed(1).padStart(6)} s  `;
    let changed = false;
    for (const row of troubled(rows)) {
      const state = row.up ? "up again" : `failing, last responding hop ${place(row, named)}`;
      if (this.#said.get(row.bucket) === state) continue;
      this.#said.set(row.bucket, state);
      changed = true;
      this.say(`${time}bucket ${row.bucket}, source port ${row.sourcePort}: ${state}`);
    }
    if (!changed && seconds - this.#lastLineAt < PLAIN_EVERY_SECONDS) return;
    this.#lastLineAt = seconds;
    this.say(`${time}${summary(view)}`);
  }
}
