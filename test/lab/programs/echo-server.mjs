// A service to probe: node echo-server.mjs tcp|udp PORT ADDRESS ...
// TCP: accepts and closes. UDP: sends every datagram back, from the address that it came to, hence a socket for each.
// Prints "listening" when ready.
import { createSocket } from "node:dgram";
import { createServer } from "node:net";

const BACKLOG = 4096;
const [protocol, port, ...addresses] = process.argv.slice(2);

const listening = () => {
  waiting--;
  if (waiting === 0) console.log("listening");
};
let waiting = addresses.length;

for (const address of addresses) {
  if (protocol === "tcp") {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.end();
    });
    server.listen({ port: Number(port), host: address, backlog: BACKLOG }, listening);
  } else {
    const server = createSocket(address.includes(":") ? "udp6" : "udp4");
    server.on("message", (bytes, from) => server.send(bytes, from.port, from.address));
    server.bind(Number(port), address, listening);
  }
}
