// Asks the exporter in the same container whether it is ready: exit code 0 if so. The address is HEALTHCHECK_URL, for those
// who listen elsewhere than on port 10190 or with TLS.
import { request as plain } from "node:http";
import { request as encrypted } from "node:https";

const url = new URL(process.env.HEALTHCHECK_URL ?? "http://127.0.0.1:10190/-/ready");
const request = url.protocol === "https:" ? encrypted : plain;

/** Ends with 1 and one line that says why; container engines keep it. */
function unhealthy(reason) {
  console.error(`${url}: ${reason}`);
  process.exit(1);
}

// The certificate is made out to the name that others use, not to the loopback address.
request(url, { timeout: 4000, rejectUnauthorized: false }, ({ statusCode }) => {
  // 401: it listens, answers, and wants a password that a health check should not know.
  if (statusCode !== 200 && statusCode !== 401) unhealthy(`status ${statusCode}`);
  process.exit(0);
})
  .on("timeout", () => unhealthy("no answer within 4 seconds"))
  .on("error", (error) => unhealthy(error.message.split("\n")[0] || error.code))
  .end();
