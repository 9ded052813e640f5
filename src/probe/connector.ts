import { Socket } from "node:net";
import type { ProbedFlow } from "./probed-flow.ts";

/** How a connection went. */
export type Ending =
  | { readonly kind: "connected" }
  /** The network said no, or nothing for so long that the kernel gave up. `code` is an errno's name. */
  | { readonly kind: "failed"; readonly code: string }
  /** It never left this host: no route, no free port, a firewall of its own. */
  | { readonly kind: "local"; readonly code: string };

/** A connection that was begun. */
export interface Connection {
  /** Gives it up; nothing is told of it any more. Harmless after its end. */
  close(): void;
}

/** The seam to the kernel for whole connections; tests put a network in memory there. */
export interface Connector {
  /**
   * Begins a connection from the flow's source address and port. One that is established is reset at once.
   * @param ended called once, not before this returns; never after {@link Connection.close}
   */
  connect(flow: ProbedFlow, ended: (ending: Ending) => void): Connection;
  /** Calls back once everything that has happened by now has been told. */
  settled(then: () => void): void;
}

/** Connections of the kernel's, through Node's own sockets. */
export class KernelConnector implements Connector {
  connect(flow: ProbedFlow, ended: (ending: Ending) => void): Connection {
    const { target } = flow.target;
    const socket = new Socket();
    let over = false;
    // What the kernel refuses at once is known before the loop asks it for news.
    let atOnce = true;
    const end = (ending: Ending): void => {
      if (over) return;
      over = true;
      ended(ending);
    };
    socket.on("error", (error: NodeJS.ErrnoException) => {
      const code = error.code ?? "OTHER";
      if (ESTABLISHED_ERRORS.has(code)) end({ kind: "connected" });
      else end({ kind: atOnce || LOCAL_ERRORS.has(code) ? "local" : "failed", code });
    });
    socket.once("connect", () => {
      // SO_LINGER of zero: the connection ends by RST, and no TIME_WAIT keeps the port from being used again.
      socket.resetAndDestroy();
      end({ kind: "connected" });
    });
    socket.connect({
      host: target.address.text,
      port: target.port,
      localAddress: target.source.text,
      localPort: flow.sourcePort,
    });
    afterTicks(TICKS_TO_FAIL, () => {
      atOnce = false;
    });
    return {
      close: () => {
        over = true;
        socket.destroy();
      },
    };
  }

  settled(then: () => void): void {
    // Immediates come right after the loop has asked the kernel for news.
    setImmediate(then);
  }
}

/** A socket binds and connects one tick after it is told to, and tells a tick later what failed there; one to spare. */
const TICKS_TO_FAIL = 3;

/** Ticks of one turn of the loop; the kernel is not asked for news between them. */
function afterTicks(ticks: number, then: () => void): void {
  if (ticks === 0) then();
  else process.nextTick(() => afterTicks(ticks - 1, then));
}

/** A reset in any state but SYN-SENT (there it is ECONNREFUSED): the handshake was over, whatever the service did then. */
const ESTABLISHED_ERRORS: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE"]);

/** Errors of bind(2) and connect(2) that never come from the network. */
const LOCAL_ERRORS: ReadonlySet<string> = new Set([
  "EADDRINUSE",
  "EADDRNOTAVAIL",
  "EACCES",
  "EPERM",
  "EINVAL",
  "EMFILE",
  "ENFILE",
  "ENOBUFS",
  "ENOMEM",
  "ENETDOWN",
]);
