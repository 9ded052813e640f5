/** Errors of sending that mean that this host has lost its route or its interface, for whatever it sends there. */
const CODES: ReadonlySet<string> = new Set(["ENETUNREACH", "ENETDOWN", "ENXIO", "EADDRNOTAVAIL"]);

/** When this host had no way to a target, by errors of sending: no route, no interface. */
export class NoWay {
  /** The first error of the last run of errors, and its last one; milliseconds, monotonic. */
  #from = Number.NEGATIVE_INFINITY;
  #to = Number.NEGATIVE_INFINITY;

  /**
   * The kernel did not take a packet to the target.
   * @param code the errno name
   * @param timeoutMs what a probe of the target has, so that errors this far apart leave none between them untouched
   */
  notSent(code: string, now: number, timeoutMs: number): void {
    if (!CODES.has(code)) return;
    if (now - this.#to > timeoutMs) this.#from = now;
    this.#to = now;
  }

  /** Whether a probe was under way when there was none. @param until its deadline, a timeout after `sentAt` */
  met(sentAt: number, until: number): boolean {
    return this.#from <= until && this.#to >= sentAt;
  }
}
