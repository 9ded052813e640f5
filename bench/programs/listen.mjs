// Listens on COUNT TCP ports from FIRST on; every SYN gets its SYN-ACK from the kernel. Arguments: FIRST COUNT.
import { createServer } from "node:net";

const [first, count] = process.argv.slice(2).map(Number);
let open = 0;
for (let port = first; port < first + count; port++) {
  createServer((socket) => socket.destroy()).listen(
    { port, host: "0.0.0.0", backlog: 4096 },
    () => {
      open += 1;
      if (open === count) console.log("listening");
    },
  );
}
