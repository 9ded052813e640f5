/** Users and their bcrypt hashes. */
export type Users = ReadonlyMap<string, string>;

/** Whether a text is a bcrypt hash: version, cost 04 to 31, 22 characters of salt and 31 of digest. */
export function isBcryptHash(text: string): boolean {
  return /^\$2[abxy]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/.test(text);
}

/** User and password of an Authorization header (RFC 7617); undefined if it is no such header. */
export function readCredentials(
  header: string | undefined,
): { readonly user: string; readonly password: string } | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 0) return undefined;
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
