import type { Address } from "../packet/address.ts";

/** Address family of IPv4 (linux/socket.h). */
export const AF_INET = 2;
/** Address family of IPv6 (linux/socket.h). */
export const AF_INET6 = 10;

/** Address family of packets of an interface (linux/socket.h). */
export const AF_PACKET = 17;

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

/**
 * struct sockaddr_ll (packet(7)).
 * @param protocol EtherType
 * @param device index of the interface; 0 for all
 * @param address of a neighbour on its link, 8 bytes at most
 */
export function linkLayerAddress(
  protocol: number,
  device = 0,
  address: Uint8Array = new Uint8Array(0),
): Buffer {
  const bytes = Buffer.alloc(20);
  bytes.set(new Uint8Array(Uint16Array.of(AF_PACKET).buffer), 0);
  bytes.writeUInt16BE(protocol, 2);
  bytes.set(new Uint8Array(Int32Array.of(device).buffer), 4);
  bytes[11] = address.length;
  bytes.set(address, 12);
  return bytes;
}
