import type { Libc } from "../../src/wire/libc.ts";

/** A C library that writes down what it is asked for. */
export function recordingLibc(
  errors: { bind?: string; sendto?: string; setsockopt?: string } = {},
) {
  const calls: string[] = [];
  let descriptors = 10;
  let error = "";
  const hex = (bytes: Buffer) => bytes.toString("hex");
  const libc: Pick<Libc, "socket" | "setsockopt" | "bind" | "sendto" | "close" | "errno"> = {
    socket: (domain, _type, protocol) => {
      calls.push(`socket ${domain} ${protocol}`);
      return descriptors++;
    },
    setsockopt: (fd, level, option, value) => {
      const number = level === 0 && option === 50 ? value.readInt32BE(0) : value.readInt8(0);
      calls.push(`option ${fd} ${level} ${option} ${number}`);
      error = option === 50 || option === 62 ? (errors.setsockopt ?? "") : "";
      return error === "" ? 0 : -1;
    },
    bind: (fd, address) => {
      calls.push(`bind ${fd} ${hex(address.subarray(4, address.length === 16 ? 8 : 24))}`);
      error = errors.bind ?? "";
      return error === "" ? 0 : -1;
    },
    sendto: (fd, _packet, length, address) => {
      const link = address.readUInt8(0) === 17;
      const to = link ? address.subarray(4) : address.subarray(4, address.length === 16 ? 8 : 24);
      calls.push(`${link ? "hand" : "send"} ${fd} ${hex(to)}`);
      error = errors.sendto ?? "";
      return error === "" ? length : -1;
    },
    close: (fd) => {
      calls.push(`close ${fd}`);
      return 0;
    },
    errno: () => error,
  };
  return { libc: libc as Libc, calls };
}
