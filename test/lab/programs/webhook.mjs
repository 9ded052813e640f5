// Stands for the service that a team is alerted by: node webhook.mjs PORT
// Takes what Alertmanager sends and prints every message as one line of JSON. Prints "listening" when ready.
import { createServer } from "node:http";

createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    console.log(JSON.stringify(JSON.parse(Buffer.concat(chunks).toString())));
    response.end();
  });
}).listen(Number(process.argv[2]), "127.0.0.1", () => console.log("listening"));
