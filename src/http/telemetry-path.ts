/** Whether metrics can be served at a path, as long as nothing else is: `/metrics`, or `/` in the place of the page. */
export function isTelemetryPath(path: string): boolean {
  return /^\/[\w./~-]*$/.test(path);
}
