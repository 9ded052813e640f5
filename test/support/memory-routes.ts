import { type Address, type Family, parseAddress } from "../../src/packet/address.ts";
import type { KernelRoutes } from "../../src/wire/kernel-routes.ts";
import type { Link, NextHop, RouteQuestion } from "../../src/wire/route-message.ts";

/** An address. @throws Error for a text that is none */
export function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
}

/** A next hop on an interface. */
export function hop(device: number, gateway?: string): NextHop {
  const local = false;
  return {
    device,
    gateway: gateway === undefined ? undefined : address(gateway),
    local,
    encapsulated: false,
  };
}

interface Told {
  readonly byRule?: boolean;
  readonly hashPolicy?: number;
  readonly nextHops?: number;
  readonly nextHop?: (question: RouteQuestion) => NextHop | number;
  readonly linkAddress?: () => Uint8Array | undefined;
  readonly hasAddresses?: boolean;
  readonly tracks?: boolean;
}

/** Routes in memory: they write down which routes they are asked for. */
export class MemoryRoutes implements KernelRoutes {
  /** Questions for routes so far. */
  readonly asked: RouteQuestion[] = [];
  /** What is told; tests change it. */
  told: Told;
  /** Whether news is waiting. */
  news = false;

  constructor(told: Told) {
    this.told = told;
  }

  nextHop(question: RouteQuestion): NextHop | number {
    this.asked.push(question);
    return this.told.nextHop?.(question) ?? 0;
  }

  countNextHops(question: RouteQuestion): number {
    this.asked.push(question);
    return this.told.nextHops ?? 1;
  }

  rulesLookAtPorts(): boolean {
    return this.told.byRule ?? false;
  }

  hashPolicy(_family: Family): number {
    return this.told.hashPolicy ?? 0;
  }

  linkAddress(): Uint8Array | undefined {
    return this.told.linkAddress?.();
  }

  link(device: number): Link {
    return { name: `eth${device}`, hasAddresses: this.told.hasAddresses ?? true };
  }

  tracksConnections(): boolean {
    return this.told.tracks ?? false;
  }

  hasChanged(): boolean {
    const { news } = this;
    this.news = false;
    return news;
  }

  close(): void {}
}
