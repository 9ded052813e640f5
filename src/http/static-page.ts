import { readFileSync } from "node:fs";

/** A file of the page, ready to send. */
export interface PageFile {
  readonly contentType: string;
  readonly body: string;
}

const FILES = [
  { path: "/", file: "index.html", contentType: "text/html; charset=utf-8" },
  { path: "/page.css", file: "page.css", contentType: "text/css; charset=utf-8" },
  { path: "/page.js", file: "page.js", contentType: "text/javascript; charset=utf-8" },
] as const;

/**
 * Reads the page's files, which lie beside this module, by the path they are served at.
 * @param telemetryPath where the page's link to the metrics leads; letters, digits and `/._~-` only
 */
export function readPage(telemetryPath: string): ReadonlyMap<string, PageFile> {
  return new Map(
    FILES.map(({ path, file, contentType }) => {
      const body = readFileSync(new URL(`./page/${file}`, import.meta.url), "utf8");
      // Links are relative, so that the page works behind a proxy's prefix.
      const link = `href="${telemetryPath.slice(1)}"`;
      return [path, { contentType, body: body.replaceAll('href="metrics"', link) }];
    }),
  );
}
