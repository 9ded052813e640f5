/** What a sending writes into a packet's payload. */
export interface PacketMark {
  /** 16 bits that tell the packet from the others of its flow, see `identify` of the probes. */
  readonly identification: number;
  /** False for a packet of a sweep, which may die on the way by intention. */
  readonly endToEnd: boolean;
  /** Wall clock at sending, milliseconds since 1970. */
  readonly wallMs: number;
}

/** What the reflector's own counters said when it answered. */
export interface ReflectorCounts {
  /** Counts of different epochs cannot be compared: in between went packets that may have been counted. */
  readonly epoch: number;
  /** Our number of the packet that is answered, in the count that the reflector's are compared with. */
  readonly sent: number;
  /** How many packets of that count the reflector had received, this one included. */
  readonly received: number;
  /** How many it had answered, this one included. */
  readonly answered: number;
}

/** A datagram that is an answer. */
export interface PayloadAnswer {
  /** The packet that is answered; undefined where the protocol does not tell. */
  readonly identification: number | undefined;
  /** Counters over all flows to the reflector, where it keeps them. */
  readonly shared?: ReflectorCounts;
  /** Counters over this flow alone, where the reflector keeps a sequence of its own. */
  readonly own?: ReflectorCounts;
}

/**
 * What the packets of one UDP flow say. Routers may hash the UDP checksum, so it never changes within a flow: whatever
 * {@link stamp} writes leaves the ones' complement sum of the payload as it was, mostly a counter and its complement.
 */
export interface UdpPayload {
  /** The payload before its first sending; its length is that of every packet. */
  readonly bytes: Uint8Array;

  /** Writes what differs from packet to packet into a copy of the payload at `offset`, an even number. */
  stamp(out: Uint8Array, offset: number, mark: PacketMark): void;

  /**
   * Reads a received datagram's payload between `offset` and `end`.
   * @returns undefined for anything but the answer of somebody who has seen a packet of this flow
   */
  read(bytes: Uint8Array, offset: number, end: number): PayloadAnswer | undefined;

  /**
   * The identification in a packet of ours that a router quotes; undefined where too little of it is quoted, or where
   * the payload carries none.
   */
  quoted(bytes: Uint8Array, offset: number, end: number): number | undefined;
}
