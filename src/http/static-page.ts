import { readdirSync, readFileSync } from "node:fs";
import { extname } from "node:path";

/** A file of the page, ready to send. */
export interface PageFile {
  readonly contentType: string;
  readonly body: string;
}

/** Files by their ending; others in the page's folder are not served. */
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  // Browsers show it as it is.
  ".md": "text/plain; charset=utf-8",
};

/** Nothing from elsewhere, no script or style but the page's own files, no frame around it, no form. */
export const PAGE_POLICY: string =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Reads the page's files, which lie beside this module, by the path they are served at: the document at `/`, all else
 * below `/page/`.
 * @param telemetryPath where the page's link to the metrics leads; letters, digits and `/._~-` only
 */
export function readPage(telemetryPath: string): ReadonlyMap<string, PageFile> {
  const folder = new URL("./page/", import.meta.url);
  const files = new Map<string, PageFile>();
  for (const name of readdirSync(folder).sort()) {
    const contentType = TYPES[extname(name)];
    if (contentType === undefined) continue;
    const body = readFileSync(new URL(name, folder), "utf8");
    if (name !== "index.html") {
      files.set(`/page/${name}`, { contentType, body });
      continue;
    }
    // Links are relative, so that the page works behind a proxy's prefix.
    const link = `href="${telemetryPath.slice(1)}"`;
    files.set("/", { contentType, body: body.replaceAll('href="metrics"', link) });
  }
  return files;
}
