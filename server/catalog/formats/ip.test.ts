import fc from "fast-check";
import { expect, test } from "vitest";
import { parseIp, parseIpBlock } from "@/server/lib/ip";
import { almostIp, anyIp } from "@/server/testing/ip-texts";
import { filterValueProblem } from "../filter-values";
import { isIP } from "./ip";

test("The intake and the filters accept the addresses that ipaddr.js parses", () => {
  fc.assert(
    fc.property(almostIp, (text) => {
      // `01.2.3.4` is accepted as PostgreSQL reads it; other programs read an octal number.
      fc.pre(!/(?:^|[.:])0\d+\./.test(text) && !/\.0\d/.test(text));
      const kind = parseIp(text)?.kind();
      expect(isIP(text)).toBe(kind === undefined ? 0 : kind === "ipv4" ? 4 : 6);
    }),
    { numRuns: 2_000 },
  );
});

test("The filters accept the blocks that ipaddr.js parses", () => {
  const column = { name: "ip_address", type: "inet", filter: "network" } as const;
  fc.assert(
    fc.property(anyIp, fc.nat(140), (address, bits) => {
      const isBlock = parseIpBlock(`${address}/${bits}`) !== undefined;
      expect(filterValueProblem(column, `${address}/${bits}`)).toBe(isBlock ? undefined : "block");
    }),
  );
});
