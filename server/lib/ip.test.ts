import { BlockList, isIP, isIPv4 } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { almostIp, anyIp } from "@/server/testing/ip-texts";
import { addressGroup, isIn, parseIp, parseIpBlock } from "./ip";

test.each([
  ["203.0.113.7", "203.0.113.7"],
  ["2001:db8::1", "2001:db8::/64"],
  ["2001:DB8:0:0:ffff:1:2:3", "2001:db8::/64"],
  ["2001:db8:0:1::", "2001:db8:0:1::/64"],
  ["2001:db8::1:2:3:4:5", "2001:db8:0:1::/64"],
  ["fe80::1%eth0", "fe80::/64"],
  ["::1", "::/64"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["::ffff:cb00:7107", "203.0.113.7"],
  ["unknown", "unknown"],
  ["", ""],
])("Limits count %s as %s", (address, group) => {
  expect(addressGroup(address)).toBe(group);
});

test("The addresses are those that Node.js accepts", () => {
  fc.assert(
    fc.property(almostIp, (text) => {
      expect(parseIp(text) !== undefined).toBe(isIP(text) !== 0);
    }),
    { numRuns: 2_000 },
  );
});

test.each(["127.1", "0x7f.0.0.1", "2130706433", "010.0.0.1", "10.0.0", "1.2.3.4%eth0", "localhost", "10.0.0.0/8"])(
  "%s is not read as an address",
  (text) => {
    expect(parseIp(text)).toBeUndefined();
  },
);

test.each(["10.0.0.0/33", "::/129", "10/8", "10.0.0.0/8/8", "10.0.0.0/", "/8", "host/8", ""])(
  "%j is not read as a block",
  (text) => {
    expect(parseIpBlock(text)).toBeUndefined();
  },
);

test("A block contains the addresses of its version that share its prefix", () => {
  fc.assert(
    fc.property(anyIp, anyIp, fc.double({ min: 0, max: 1, noNaN: true }), (network, other, share) => {
      const bits = Math.round(share * (isIPv4(network) ? 32 : 128));
      fc.pre(isIPv4(network) === isIPv4(other));
      const reference = new BlockList();
      reference.addSubnet(network, bits, isIPv4(network) ? "ipv4" : "ipv6");
      const block = parseIpBlock(`${network}/${bits}`);
      if (!block) throw new Error("not parsed");
      expect(isIn([block], other)).toBe(reference.check(other, isIPv4(other) ? "ipv4" : "ipv6"));
    }),
  );
});

test("An IPv4 address in IPv6 notation is in the blocks of IPv4", () => {
  const block = parseIpBlock("10.0.0.0/8");
  expect(block && isIn([block], "::ffff:10.1.2.3")).toBe(true);
});
