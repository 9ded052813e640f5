import { connect } from "node:net";

/**
 * Sends bytes on a connection of their own and reads until the server closes it, or resets it: a server that closes with
 * bytes unread does, and what it said before counts all the same.
 */
export async function rawRequest(url: string, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
  });
  socket.on("error", () => {});
  socket.write(bytes);
  await new Promise<void>((closed) => socket.once("close", () => closed()));
  return text;
}
