import { once } from "node:events";
import { connect } from "node:net";

/** Sends bytes on a connection of their own and reads until the server closes it. */
export async function rawRequest(url: string, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
  });
  socket.on("error", () => {});
  socket.write(bytes);
  await once(socket, "close");
  return text;
}
