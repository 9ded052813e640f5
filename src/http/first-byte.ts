import type { Socket } from "node:net";

/** What a TLS connection begins with: the content type of a handshake record (RFC 8446, 5.1). */
export const TLS_HANDSHAKE = 22;

/**
 * Waits for the first byte that a client sends, and leaves it unread. A client that ends, fails or says nothing in time is
 * dropped.
 * @param timeoutMs how long a client may say nothing
 * @param next called once, with the byte
 */
export function onFirstByte(socket: Socket, timeoutMs: number, next: (byte: number) => void): void {
  const drop = (): void => {
    socket.destroy();
  };
  const patience = setTimeout(drop, timeoutMs);
  const look = (): void => {
    const chunk: Buffer | null = socket.read();
    const [byte] = chunk ?? [];
    // Readable without a byte: the client has ended.
    if (chunk === null || byte === undefined) {
      drop();
      return;
    }
    socket.off("readable", look);
    clearTimeout(patience);
    socket.unshift(chunk);
    next(byte);
  };
  socket.on("readable", look);
  // Errors after this one was taken over reach the one who took it as well.
  socket.on("error", drop);
  socket.once("close", () => clearTimeout(patience));
}
