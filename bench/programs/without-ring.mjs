// Preloaded into the daemon under measurement: the package koffi cannot be loaded, as where it was not installed, so that
// packets are received through raw sockets.
import { register } from "node:module";

const hook = `export async function resolve(specifier, context, next) {
  if (specifier === "koffi") throw new Error("left out for a measurement");
  return next(specifier, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
