import fc from "fast-check";

export const anyIp = fc.oneof(fc.ipV4(), fc.ipV6());

/** Generates IP addresses, and texts that differ from one in a character. */
export const almostIp = fc
  .tuple(anyIp, fc.nat(50), fc.nat(1), fc.constantFrom("", ":", ".", "0", "1", "f", "g", "/", " "))
  .map(([address, at, removed, added]) => address.slice(0, at) + added + address.slice(at + removed));
