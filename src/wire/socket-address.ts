import type { Address } from "../packet/address.ts";

/** Address family of IPv4 (linux/socket.h). */
export const AF_INET = 2;
/** Address family of IPv6 (linux/socket.h). */
export const AF_INET6 = 10;

/**
 * struct sockaddr_in or sockaddr_in6 of an address and a port (0 for any), with flow information and scope 0; its family in
 * this machine's byte order.
 */
export function socketAddress({ family, bytes }: Address, port = 0): Buffer {
  const address = Buffer.alloc(family === 4 ? 16 : 28);
  address.set(new Uint8Array(Uint16Array.of(family === 4 ? AF_INET : AF_INET6).buffer), 0);
  address.writeUInt16BE(port, 2);
  address.set(bytes, family === 4 ? 4 : 8);
  return address;
}
