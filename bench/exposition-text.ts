import { get } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";

const ANSWERED_WITHIN_MS = 60_000;

/** The body of `/metrics` as it comes over the wire with gzip. @throws Error unless it is answered with 200 in a minute */
export function scrapeCompressed(url: string): Promise<Buffer> {
  return fetchCompressed(`${url}/metrics`);
}

/** The body of any address of the exporter, compressed where it is. @throws Error unless it is answered with 200 in a minute */
export function fetchCompressed(url: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const headers = { "accept-encoding": "gzip" };
    const request = get(url, { headers, timeout: ANSWERED_WITHIN_MS }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode === 200) resolve(Buffer.concat(parts));
        else reject(new Error(`${url} answered ${response.statusCode}`));
      });
    });
    request.on("timeout", () => request.destroy(new Error(`${url} did not answer in a minute`)));
    request.on("error", reject);
  });
}

const GZIP_MAGIC = 0x1f8b;

/** The text of `/metrics`, asked for with gzip. */
export async function scrapeText(url: string): Promise<string> {
  const body = await scrapeCompressed(url);
  const plain = body.readUInt16BE(0) === GZIP_MAGIC ? await promisify(gunzip)(body) : body;
  return plain.toString("utf8");
}

/** Sum of all samples of a name in the text format; 0 if there are none. Reads no labels, so that half a million series take a moment. */
export function sumOf(text: string, name: string): number {
  let sum = 0;
  for (let at = text.indexOf(`\n${name}`); at >= 0; at = text.indexOf(`\n${name}`, at + 1)) {
    const behind = text[at + 1 + name.length];
    if (behind !== "{" && behind !== " ") continue;
    const end = text.indexOf("\n", at + 1);
    const line = text.slice(at + 1, end < 0 ? undefined : end);
    sum += Number(line.slice(line.lastIndexOf(" ") + 1));
  }
  return sum;
}
