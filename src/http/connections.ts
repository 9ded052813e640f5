import type { Server, Socket } from "node:net";
import { peerNetwork } from "./peer.ts";

/** The open connections of a server. One peer gets a share of them only, so that it cannot keep the others out. */
export class Connections {
  readonly #open = new Set<Socket>();
  readonly #ofPeer = new Map<string, number>();

  /**
   * Begins to count.
   * @param perPeer most open connections of one peer (`peerNetwork`); more are closed at once
   */
  constructor(server: Server, perPeer: number) {
    // Before everybody else: what is closed here is not to be read from.
    server.prependListener("connection", (socket: Socket) => this.#opened(socket, perPeer));
  }

  /** Cuts all of them. */
  destroy(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #opened(socket: Socket, perPeer: number): void {
    const peer = peerNetwork(socket);
    const count = this.#ofPeer.get(peer) ?? 0;
    if (count >= perPeer) {
      socket.destroy();
      return;
    }
    this.#open.add(socket);
    this.#ofPeer.set(peer, count + 1);
    socket.once("close", () => {
      this.#open.delete(socket);
      const left = (this.#ofPeer.get(peer) ?? 1) - 1;
      if (left > 0) this.#ofPeer.set(peer, left);
      else this.#ofPeer.delete(peer);
    });
  }
}
