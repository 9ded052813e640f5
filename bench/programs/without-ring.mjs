// Preloaded into the daemon under measurement: its wire cannot load the package koffi, as where it was not installed, so that
// packets are received through raw sockets. What else is preloaded can.
import { register } from "node:module";

const hook = `export async function resolve(specifier, context, next) {
  if (specifier === "koffi" && context.parentURL?.includes("/dist/wire/")) throw new Error("left out for a measurement");
  return next(specifier, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
