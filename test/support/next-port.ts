import type { PortRings } from "../../src/flow/ring.ts";

/** The port after one on the ring of a bucket; 0 for the first. */
export function nextPort(
  rings: PortRings,
  bucket: number,
  current: number,
  avoid?: ReadonlySet<number>,
): number {
  const ports: number[] = [];
  ports[bucket] = current;
  return rings.next(ports, avoid)[bucket] ?? 0;
}

/** A whole ring, from its first port on. */
export function ringOf(rings: PortRings, bucket: number): number[] {
  const ring: number[] = [];
  for (let port = nextPort(rings, bucket, 0); port !== 0 && port !== ring[0]; ) {
    ring.push(port);
    port = nextPort(rings, bucket, port);
  }
  return ring;
}
