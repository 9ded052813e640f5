import type { PacketReceiver, PacketSender } from "./wire.ts";

/** The wire of a process without raw sockets: it takes no packet and brings none. */
export class NoWire implements PacketSender, PacketReceiver {
  readonly kind = "none" as const;
  readonly kernelTimestamps = false;
  readonly visibilityMs = 0;

  send(): string {
    return "EPERM";
  }

  drain(): number {
    return 0;
  }

  takeDrops(): number {
    return 0;
  }

  filter(): undefined {}

  close(): void {}
}
