// One TCP stream as fast as it goes. `receive PORT` takes and discards; `send ADDRESS PORT SECONDS` prints the bits a
// second that the other end's kernel has acknowledged.
import { connect, createServer } from "node:net";

const [role, ...rest] = process.argv.slice(2);
const CHUNK = Buffer.alloc(1 << 20);

if (role === "receive") {
  const discard = { buffer: Buffer.alloc(1 << 20), callback: () => true };
  const server = createServer({ onread: discard }, (socket) => {
    socket.on("error", () => socket.destroy());
    socket.resume();
  });
  server.listen(Number(rest[0]), "0.0.0.0", () => console.log("listening"));
} else {
  const [address, port, seconds] = rest;
  const socket = connect({ host: address, port: Number(port) });
  socket.on("connect", () => {
    const from = performance.now();
    const more = () => {
      while (performance.now() - from < 1000 * Number(seconds)) if (!socket.write(CHUNK)) return;
      const took = (performance.now() - from) / 1000;
      console.log(((socket.bytesWritten - socket.writableLength) * 8) / took);
      socket.destroy();
    };
    socket.on("drain", more);
    more();
  });
}
