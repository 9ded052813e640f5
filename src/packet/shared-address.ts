/**
 * Whether an address is one that routers without an address of their own answer with, so that several share it: of the
 * block 192.0.0.0/29 (RFC 7335), or 192.0.0.8 (RFC 7600 section 4.8). It is never the identity of one.
 */
export function isSharedAddress(text: string): boolean {
  return /^192\.0\.0\.[0-8]$/.test(text);
}
