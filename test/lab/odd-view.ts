import { type Daemon, NEVER } from "./daemon.ts";

/** The port of the service in labs with an oddity. */
export const PORT = 3306;

/** Settings that the labs of this kind share. */
export const QUICK = {
  interval: "2s",
  timeout: "1s",
  flow_buckets: 24,
  rotation: NEVER,
} as const;

/** What the API says of a target, as far as these labs look. */
export interface OddView {
  readonly verdict: string;
  readonly reason: string;
  readonly suspects: readonly {
    readonly name: string;
    readonly place: string;
    readonly from: string | null;
    readonly to: string | null;
  }[];
  readonly coverage: { readonly per_packet_ttls: readonly number[] };
  readonly flows: readonly {
    readonly source_port: number;
    readonly state: string;
    readonly last_result: string;
    readonly path: string | null;
  }[];
}

/** Asks the daemon about a target. */
export async function oddView(daemon: Daemon, target: string): Promise<OddView> {
  return (await daemon.target(target)) as OddView;
}
