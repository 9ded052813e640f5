import { type Address, parseAddress } from "../../src/packet/address.ts";

/** The address that `text` is known to be. */
export function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
}
