import type { Clock } from "../clock.ts";
import type { Address } from "../packet/address.ts";
import type { Libc } from "./libc.ts";
import { RawReceiver } from "./raw-receiver.ts";
import type { Deliver, StackView } from "./wire.ts";

/** A range of source ports. */
type Ports = readonly { first: number; last: number }[];

/** Raw sockets beside the ring, open only while somebody is watched: each costs a copy of every packet that it lets in. */
export class StackTap implements StackView {
  readonly #clock: Clock;
  readonly #libc: Libc;
  #ports: Ports;
  #remotes: readonly Address[] = [];
  #receiver: RawReceiver | undefined;

  constructor(clock: Clock, libc: Libc, ports: Ports) {
    this.#clock = clock;
    this.#libc = libc;
    this.#ports = ports;
  }

  watch(remotes: readonly Address[]): boolean {
    this.#remotes = remotes;
    if (remotes.length === 0) {
      this.close();
      return true;
    }
    if (this.#receiver !== undefined) {
      if (this.#receiver.filter(this.#ports, remotes) === undefined) return true;
      // Nobody would take what it lets in.
      this.close();
      return false;
    }
    try {
      this.#receiver = new RawReceiver(this.#clock, this.#libc, this.#ports, remotes);
      return true;
    } catch {
      // The privilege that the ring was opened with is gone, or there are too many descriptors.
      return false;
    }
  }

  /** Lets only answers to these source ports in. */
  filter(ports: Ports): void {
    this.#ports = ports;
    this.#receiver?.filter(ports, this.#remotes);
  }

  drain(deliver: Deliver): number {
    return this.#receiver?.drain(deliver) ?? 0;
  }

  takeDrops(): number {
    return this.#receiver?.takeDrops() ?? 0;
  }

  /** Closes the sockets; watching again opens others. */
  close(): void {
    this.#receiver?.close();
    this.#receiver = undefined;
  }
}
