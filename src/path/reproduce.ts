import type { Target } from "../flow/target.ts";

/** Commands that repeat by hand what a flow of the target meets, the plainest first. */
export function reproduceCommands(target: Target, sourcePort: number): string[] {
  const { port, protocol, timeoutMs } = target;
  const address = target.address.text;
  const wait = Math.max(1, Math.ceil(timeoutMs / 1000) + 1);
  const six = target.address.family === 6 ? " -6" : "";
  if (protocol === "tcp") {
    return [
      `nc -z -w ${wait} -p ${sourcePort} ${address} ${port}`,
      `traceroute${six} -n -T -p ${port} --sport=${sourcePort} ${address}`,
    ];
  }
  if (protocol === "udp") {
    return [
      `echo probe | nc -u -w ${wait} -p ${sourcePort} ${address} ${port}`,
      // Constant destination port: plain traceroute would take another flow for every packet.
      `traceroute${six} -n -U -p ${port} --sport=${sourcePort} ${address}`,
    ];
  }
  // Linux' ping takes its echo identifier from -e, and the identifier is what stands for a port here.
  return [`ping${six} -c 3 -W ${wait} -e ${sourcePort} ${address}`];
}
