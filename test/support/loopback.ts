import { networkInterfaces } from "node:os";

/** Whether this host lacks the IPv6 loopback address, as containers may; says so once a file. */
export function ipv6LoopbackIsMissing(): boolean {
  const there = Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === "::1"),
  );
  if (there || process.env["CI"] === "true") return false;
  console.info("this host has no address ::1: what needs it is skipped");
  return true;
}
