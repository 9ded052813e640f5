// A service to probe: node echo-server.mjs tcp|udp PORT
// TCP: accepts and closes. UDP: sends every datagram back. Prints "listening" when ready.
import { createSocket } from "node:dgram";
import { createServer } from "node:net";

const BACKLOG = 4096;
const [protocol, port] = process.argv.slice(2);

if (protocol === "tcp") {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.end();
  });
  server.listen({ port: Number(port), host: "0.0.0.0", backlog: BACKLOG }, () => {
    console.log("listening");
  });
} else if (protocol === "udp") {
  const server = createSocket("udp4");
  server.on("message", (bytes, from) => server.send(bytes, from.port, from.address));
  server.bind(Number(port), "0.0.0.0", () => console.log("listening"));
} else {
  console.error("usage: node echo-server.mjs tcp|udp PORT");
  process.exitCode = 2;
}
