import { flowLabelOf } from "../flow/flow-label.ts";
import type { Target } from "../flow/target.ts";

/** Commands that repeat by hand what a flow of the target meets, the plainest first. */
export function reproduceCommands(target: Target, sourcePort: number): string[] {
  const { port, protocol, timeoutMs } = target;
  const address = target.address.text;
  const wait = Math.max(1, Math.ceil(timeoutMs / 1000) + 1);
  const six = target.address.family === 6 ? " -6" : "";
  // Routers may hash the label. A kernel socket, and so nc, has one that nobody chooses; told 0, the tools leave it to the kernel.
  const label = six === "" ? 0 : flowLabelOf(target.flowLabel, sourcePort);
  const labelled = (option: string): string => (label === 0 ? "" : ` ${option} ${label}`);
  if (protocol === "tcp") {
    return [
      `nc${six} -z -w ${wait} -p ${sourcePort} ${address} ${port}`,
      `traceroute${six} -n -T${labelled("-l")} -p ${port} --sport=${sourcePort} ${address}`,
    ];
  }
  if (protocol === "udp") {
    return [
      `echo probe | nc${six} -u -w ${wait} -p ${sourcePort} ${address} ${port}`,
      // Constant destination port: plain traceroute would take another flow for every packet.
      `traceroute${six} -n -U${labelled("-l")} -p ${port} --sport=${sourcePort} ${address}`,
    ];
  }
  // Linux' ping takes its echo identifier from -e, and the identifier is what stands for a port here.
  return [`ping${six}${labelled("-F")} -c 3 -W ${wait} -e ${sourcePort} ${address}`];
}
