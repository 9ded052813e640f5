// Sends datagrams to one port as fast as it can: node flood.mjs ADDRESS PORT COUNT
import { createSocket } from "node:dgram";

const AT_ONCE = 64;
const [address, port, count] = process.argv.slice(2);
const socket = createSocket("udp4");
const text = Buffer.alloc(64);
let left = Number(count);

let sending = AT_ONCE;

function next() {
  if (left > 0) {
    left--;
    socket.send(text, Number(port), address, next);
    return;
  }
  sending--;
  if (sending === 0) socket.close();
}
socket.bind(() => {
  for (let i = 0; i < AT_ONCE; i++) next();
});
