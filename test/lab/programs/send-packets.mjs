// Sends whole IPv4 packets, one in hexadecimal a line of standard input, as they are.
import { createInterface } from "node:readline";
import raw from "raw-socket";

/** IPPROTO_RAW: the kernel takes the header from us. */
const PROTOCOL_RAW = 255;

const socket = raw.createSocket({ protocol: PROTOCOL_RAW, addressFamily: raw.AddressFamily.IPv4 });
socket.setOption(raw.SocketLevel.IPPROTO_IP, raw.SocketOption.IP_HDRINCL, 1);

let pending = 1;
const done = () => {
  pending--;
  if (pending === 0) socket.close();
};

for await (const line of createInterface({ input: process.stdin })) {
  const packet = Buffer.from(line, "hex");
  if (packet.length === 0) continue;
  pending++;
  const destination = [...packet.subarray(16, 20)].join(".");
  socket.send(packet, 0, packet.length, destination, (error) => {
    if (error) {
      console.error(error.message);
      process.exitCode = 1;
    }
    done();
  });
}
done();
