// A name server for reverse lookups: node ptr-server.mjs ADDRESS
// 4.3.2.1.in-addr.arpa is host-1-2-3-4.lab.example; everything else does not exist. Prints "listening" when ready.
import { createSocket } from "node:dgram";

const HEADER = 12;
const PTR = 12;
const NXDOMAIN = 3;

/** The labels of the question's name, and where it ends (RFC 1035, 3.1). */
function question(message) {
  const labels = [];
  let at = HEADER;
  while (message[at] > 0) {
    labels.push(message.toString("latin1", at + 1, at + 1 + message[at]));
    at += 1 + message[at];
  }
  return { labels, end: at + 1 + 4 };
}

function encoded(name) {
  const labels = name.split(".").map((label) => Buffer.from([label.length, ...Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.alloc(1)]);
}

const server = createSocket("udp4");
server.on("message", (message, from) => {
  const { labels, end } = question(message);
  const reverse = labels.slice(4).join(".") === "in-addr.arpa";
  const name = encoded(`host-${labels.slice(0, 4).reverse().join("-")}.lab.example`);
  const header = Buffer.from(message.subarray(0, HEADER));
  header.writeUInt16BE(0x8180 | (reverse ? 0 : NXDOMAIN), 2);
  header.writeUInt16BE(reverse ? 1 : 0, 6);
  header.fill(0, 8);
  const answer = Buffer.alloc(12);
  // A pointer to the question's name, type, class IN, time to live, length.
  answer.writeUInt16BE(0xc000 | HEADER, 0);
  answer.writeUInt16BE(PTR, 2);
  answer.writeUInt16BE(1, 4);
  answer.writeUInt32BE(60, 6);
  answer.writeUInt16BE(name.length, 10);
  const parts = [header, message.subarray(HEADER, end), ...(reverse ? [answer, name] : [])];
  server.send(Buffer.concat(parts), from.port, from.address);
});
server.bind(53, process.argv[2], () => console.log("listening"));
