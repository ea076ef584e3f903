import { expect, test } from "vitest";
import { isPublicAddress } from "./address";

test.each([
  ["8.8.8.8", true],
  ["2606:4700:4700::1111", true],
  ["10.1.2.3", false],
  ["172.31.255.255", false],
  ["100.64.0.1", false],
  ["0.0.0.0", false],
  ["::", false],
  ["::127.0.0.1", false],
  ["::ffff:8.8.8.8", false],
  ["64:ff9b::a00:1", false],
  ["168.63.129.16", false],
  ["::ffff:168.63.129.16", false],
  ["::ffff:0:168.63.129.16", false],
  ["64:ff9b::168.63.129.16", false],
  ["64:ff9b:1::a83f:8110", false],
  ["2002:a83f:8110::1", false],
  ["168.63.129.17", true],
  ["169.254.169.254", false],
  ["100.100.100.200", false],
  ["192.0.0.192", false],
  ["fd00:ec2::254", false],
  ["fe80::1%eth0", false],
  ["fd00::1", false],
  ["not an address", false],
])("%s is public: %s", (address, isPublic) => {
  expect(isPublicAddress(address)).toBe(isPublic);
});
