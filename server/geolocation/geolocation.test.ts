import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { newWithBuffer, parseIP, versionFromName } from "ip2region.js";
import ipaddr from "ipaddr.js";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeXdb } from "@/server/testing/xdb";
import "@/server/testing/property-seed";
import { makeGeolocation } from "./geolocation";
import { parseRegion } from "./place";
import { publicAddress } from "./public-address";

const V4 = makeXdb(4, [
  ["0.0.0.0/8", "Reserved|Reserved|Reserved|0|0"],
  ["1.2.0.0/16", "中国|广东省|深圳市|电信|CN"],
  ["1.3.0.0-1.5.0.9", "中国|0|上海|上海市|联通"],
  ["8.8.8.0/24", "United States|California|0|Google LLC|US"],
  ["10.0.0.0/8", "中国|广东省|深圳市|电信|CN"],
  ["223.255.255.255-223.255.255.255", "Australia|0|0|0|AU"],
]);
const V6 = makeXdb(6, [
  ["2001:da8::/32", "中国|北京市|北京市|教育网|CN"],
  ["240e:300::/24", "中国|0|0|电信|CN"],
]);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "batch-console-geolocation-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const lines: string[] = [];
const log = pino({}, { write: (line) => void lines.push(JSON.parse(line).msg) });
const open = () => makeGeolocation(folder, log, 0);
const put = async (name: string, bytes: Buffer) => {
  await writeFile(path.join(folder, `${name}.new`), bytes);
  await rename(path.join(folder, `${name}.new`), path.join(folder, name));
};
const place = (country: string, region: string | null, city: string | null, provider: string | null) => ({
  country,
  region,
  city,
  provider,
  extra: provider && JSON.stringify({ provider }),
});
const shenzhen = place("中国", "广东省", "深圳市", "电信");

describe("Places of addresses", () => {
  it("are those of the databases, for the first and last address of a range, with area or without", async () => {
    await put("ip2region_v4.xdb", V4);
    await put("ip2region_v6.xdb", V6);
    const find = await open().lookup();
    const shanghai = place("中国", "上海", "上海市", "联通");
    const expected = {
      "1.2.0.0": shenzhen,
      "1.2.255.255": shenzhen,
      "::ffff:1.2.3.4": shenzhen,
      "::FFFF:102:304": shenzhen,
      "1.3.0.0": shanghai,
      "1.4.200.1": shanghai,
      "1.5.0.9": shanghai,
      "1.5.0.10": undefined,
      "8.8.8.8": place("United States", "California", null, "Google LLC"),
      "223.255.255.255": place("Australia", null, null, null),
      "2001:da8::1": place("中国", "北京市", "北京市", "教育网"),
      "2001:da8:ffff:ffff:ffff:ffff:ffff:ffff": place("中国", "北京市", "北京市", "教育网"),
      "240e:3ff::1": place("中国", null, null, "电信"),
      "240e:400::1": undefined,
      "0.1.2.3": undefined,
      "10.1.2.3": undefined,
      "9.9.9.9": undefined,
    };
    expect(Object.fromEntries(Object.keys(expected).map((address) => [address, find?.(address)]))).toEqual(expected);
  });

  it("are those that ip2region's own program finds", async () => {
    const find = await open().lookup();
    const address = fc.oneof(
      fc
        .tuple(fc.constantFrom("1.2", "1.3", "1.4", "1.5", "8.8", "223.255"), fc.nat(255), fc.nat(255))
        .map((p) => p.join(".")),
      fc.ipV4(),
      fc
        .tuple(fc.constantFrom("2001:da8:", "2001:da9:", "240e:3ab:"), fc.nat(0xffff))
        .map(([p, n]) => `${p}:${n.toString(16)}`),
    );
    for (const text of fc.sample(address, Number(process.env.GEOLOCATION_RUNS ?? 500))) {
      const version = versionFromName(text.includes(":") ? "v6" : "v4");
      if (!version) throw new Error("no version");
      const searcher = newWithBuffer(version, text.includes(":") ? V6 : V4);
      const isPublic = publicAddress(text) !== undefined;
      expect(find?.(text), text).toEqual(isPublic ? parseRegion(await searcher.search(parseIP(text))) : undefined);
    }
  });

  it("are those of the whole address, and do not exist for private and reserved ones", () => {
    const addresses = fc.sample(
      fc.oneof(
        fc.ipV4(),
        fc.ipV6(),
        fc.tuple(fc.nat(255), fc.nat(255)).map(([a, b]) => `${a}.${b}.0.1`),
      ),
      2_000,
    );
    for (const text of addresses) {
      const range = ipaddr.process(text).range();
      const address = publicAddress(text);
      const bytes = ipaddr.process(text).toByteArray();
      if (address !== undefined)
        expect(typeof address === "number" ? address : [...address]).toEqual(
          bytes.length === 4 ? Buffer.from(bytes).readUInt32BE(0) : bytes,
        );
      const isReserved = !["unicast", "as112", "amt", "rfc6052"].includes(range);
      if (isReserved) expect(publicAddress(text), `${text} ${range}`).toBeUndefined();
    }
    const texts = [
      "127.0.0.1",
      "192.168.1.1",
      "172.31.0.1",
      "100.64.0.1",
      "169.254.1.1",
      "224.0.0.1",
      "255.255.255.255",
    ];
    for (const text of [...texts, "::1", "::", "fe80::1", "fc00::1", "ff02::1", "2001:db8::1", "::ffff:10.0.0.1"])
      expect(publicAddress(text), text).toBeUndefined();
    for (const text of ["172.32.0.1", "100.128.0.1", "1.1.1.1", "223.5.5.5", "2400:3200::1"])
      expect(publicAddress(text), text).toBeDefined();
  });
});

describe("Databases", () => {
  it("are read again when they were replaced; a damaged one is reported, and the previous one is used", async () => {
    await put("ip2region_v4.xdb", V4);
    const geolocation = open();
    const find = async (address: string) => {
      await geolocation.problem();
      return (await geolocation.lookup())?.(address);
    };
    expect(await geolocation.problem()).toBeNull();
    expect(await find("1.2.3.4")).toEqual(shenzhen);
    lines.length = 0;
    await put("ip2region_v4.xdb", V4.subarray(0, V4.length - 1));
    expect(await geolocation.problem()).toEqual({
      code: "health.geolocation_damaged",
      params: { file: "ip2region_v4.xdb" },
    });
    await geolocation.problem();
    expect(lines).toEqual(["geolocation: ip2region_v4.xdb is not used: It is incomplete."]);
    expect(await find("1.2.3.4")).toEqual(shenzhen);
    await put("ip2region_v4.xdb", makeXdb(4, [["1.2.0.0/16", "Japan|Tokyo|0|0|JP"]]));
    expect(await find("1.2.3.4")).toEqual(place("Japan", "Tokyo", null, null));
    expect(await geolocation.problem()).toBeNull();
    await rm(path.join(folder, "ip2region_v4.xdb"));
    await rm(path.join(folder, "ip2region_v6.xdb"));
    expect(await find("1.2.3.4")).toBeUndefined();
    expect(await geolocation.problem()).toMatchObject({ code: "health.geolocation_missing" });
  });

  it("never make an intake fail, whichever bytes are damaged", async () => {
    const damage = fc.tuple(fc.nat(V4.length - 1), fc.integer({ min: 1, max: 255 }));
    for (const [at, change] of [...fc.sample(damage, 20), ...fc.sample(fc.tuple(fc.nat(400), fc.nat(255)), 20)]) {
      const position = change % 2 === 0 ? at : V4.length - 1 - (at % 400);
      const bytes = Buffer.from(V4);
      bytes[position] = (bytes[position] ?? 0) ^ change;
      await put("ip2region_v4.xdb", bytes);
      const find = await open().lookup();
      for (const address of ["1.2.3.4", "1.4.0.1", "8.8.8.8", "223.255.255.255", "::ffff:1.5.0.9"]) {
        const place = find?.(address);
        for (const text of Object.values(place ?? {})) expect((text ?? "").replace(/\p{Cc}/u, "")).toBe(text ?? "");
      }
    }
  });

  it("for another version of addresses, other files and folders are reported", async () => {
    for (const bytes of [V6, Buffer.from("<html>not found</html>"), Buffer.alloc(600_000)]) {
      await put("ip2region_v4.xdb", bytes);
      expect(await open().problem()).toMatchObject({ code: "health.geolocation_damaged" });
    }
    const inFolder = makeGeolocation(tmpdir(), log, 0);
    expect(await inFolder.problem()).toMatchObject({ code: "health.geolocation_missing" });
  });
});
