/**
 * Whether rotation must leave a bucket on its port: a failing flow is held so that its fault can be traced and its
 * recovery seen, but not for ever, because a port that only this exporter is refused on must not block the bucket.
 * @param failingSince when the flow began to fail (monotonic milliseconds), undefined when it does not fail
 * @param holdMs `rotation_hold`
 */
export function isHeld(failingSince: number | undefined, now: number, holdMs: number): boolean {
  return failingSince !== undefined && now - failingSince < holdMs;
}
