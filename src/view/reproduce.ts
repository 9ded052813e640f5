import { flowLabelOf } from "../flow/flow-label.ts";
import type { PayloadSpec, Target } from "../flow/target.ts";

/** The bytes of a probe as hex digits, without the zeros at its end, and how many digits there are with them. */
const BYTES = {
  ntp: ["23", 96],
  quic: ["c01a2a3a4a080102030405060708080807060504030201004496", 2400],
  stamp: ["", 88],
} as const;

/** A command that sends what a service answers, and shows the answer. @param ask how standard input is sent */
function sendCommand(
  payload: Exclude<PayloadSpec, { kind: "dns" }> | undefined,
  ask: string,
): string {
  if (payload === undefined) return `echo probe | ${ask}`;
  if (payload.kind === "hex") return `echo ${payload.bytes} | xxd -r -p | ${ask} | xxd`;
  const [digits, length] = BYTES[payload.kind];
  return `printf '%-${length}s' '${digits}' | tr ' ' 0 | xxd -r -p | ${ask} | xxd`;
}

/** Ports at which a web server is to be expected, with the scheme that it speaks there. */
const WEB: Readonly<Record<number, string>> = {
  80: "http",
  8080: "http",
  443: "https",
  8443: "https",
};

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
    const scheme = WEB[port];
    const host = address.includes(":") ? `[${address}]` : address;
    const curl = `curl -k -s -S -o /dev/null --connect-timeout ${wait} --local-port ${sourcePort}`;
    return [
      `nc${six} -z -w ${wait} -p ${sourcePort} ${address} ${port}`,
      ...(scheme === undefined ? [] : [`${curl} ${scheme}://${host}:${port}/`]),
      `traceroute${six} -n -T${labelled("-l")} -p ${port} --sport=${sourcePort} ${address}`,
      // It knows IPv4 alone, and its -p is the source port.
      ...(six === "" ? [`tcptraceroute -n -p ${sourcePort} ${address} ${port}`] : []),
    ];
  }
  if (protocol === "udp") {
    const ask = `nc${six} -u -w ${wait} -p ${sourcePort} ${address} ${port}`;
    return [
      target.payload?.kind === "dns"
        ? `dig -b ${target.source.text}#${sourcePort} -p ${port} @${address} ${target.payload.name} A +time=${wait} +tries=1`
        : sendCommand(target.payload, ask),
      // Constant destination port: plain traceroute would take another flow for every packet.
      `traceroute${six} -n -U${labelled("-l")} -p ${port} --sport=${sourcePort} ${address}`,
    ];
  }
  // Linux' ping takes its echo identifier from -e, and the identifier is what stands for a port here.
  return [`ping${six}${labelled("-F")} -c 3 -W ${wait} -e ${sourcePort} ${address}`];
}
