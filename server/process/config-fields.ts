import { z } from "zod";
import { tlsProblem } from "@/server/db/tls";
import { parseFilesUrl } from "@/server/files/files-url";
import { cronProblem } from "@/server/lib/cron";
import { parseIpBlock } from "@/server/lib/ip";

/** Value types of environment variables. Each message completes "NAME is VALUE, but must be …". */

export const wholeNumber = (min: number, max: number, fallback: number) =>
  wholeNumberIn(z.string().default(String(fallback)), min, max);

/** A number without a fixed default. */
export const optionalNumber = (min: number, max: number) => wholeNumberIn(z.string(), min, max).optional();

/** A port, which is off when it is unset. */
export const optionalPort = optionalNumber(0, 65_535);

function wholeNumberIn<Text extends z.ZodType<string>>(text: Text, min: number, max: number) {
  return text
    .refine((value) => /^\d+$/.test(value) && Number(value) >= min && Number(value) <= max, {
      message: `a whole number from ${min} to ${max}`,
    })
    .transform(Number);
}

const BYTES = new Map([
  ["MB", 1e6],
  ["GB", 1e9],
  ["MIB", 2 ** 20],
  ["GIB", 2 ** 30],
]);

/** A size such as `512MB`, in bytes. */
export const byteSize = (minMegabytes: number, fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text, check) => {
      const [, amount, unit = ""] = /^(\d{1,9}(?:\.\d{1,3})?) ?([MG]i?B)$/i.exec(text) ?? [];
      const bytes = Math.round(Number(amount) * (BYTES.get(unit.toUpperCase()) ?? 0));
      if (bytes >= minMegabytes * 1e6) return bytes;
      check.addIssue({ code: "custom", message: `a size of at least ${minMegabytes}MB, such as 512MB or 2GB` });
      return z.NEVER;
    });

export const ratio = (fallback: number) =>
  z
    .string()
    .default(String(fallback))
    .refine((text) => /^\d*\.?\d+$/.test(text) && Number(text) > 0 && Number(text) <= 1, {
      message: "a number above 0 and up to 1",
    })
    .transform(Number);

export const flag = (fallback: boolean) =>
  z
    .enum(["true", "false"], { error: "true or false" })
    .default(fallback ? "true" : "false")
    .transform((text) => text === "true");

export const url = (...protocols: string[]) =>
  z.string().refine((text) => protocols.includes(parseUrl(text)?.protocol.slice(0, -1) ?? ""), {
    message: `a URL starting with ${protocols.map((protocol) => `${protocol}://`).join(" or ")}`,
    abort: true,
  });

/** A server's URL that may contain credentials. */
const serviceUrl = (...protocols: string[]) =>
  url(...protocols).refine((text) => isUnambiguous(parseUrl(text)), {
    message: "a URL whose user, password and name encode each of % @ / ? # as %25 %40 %2F %3F %23",
    abort: true,
  });

export const databaseUrl = serviceUrl("postgres", "postgresql").superRefine((text, check) => {
  const address = parseUrl(text);
  const message = address && tlsProblem(address);
  if (message) check.addIssue({ code: "custom", message });
});

export const redisUrl = serviceUrl("redis", "rediss")
  .refine((text) => /^(\/\d{0,9})?$/.test(parseUrl(text)?.pathname ?? ""), {
    message: "a URL with nothing after the host except /NUMBER, the database",
    abort: true,
  })
  .superRefine((text, check) => {
    const message = redisOptionsProblem(parseUrl(text));
    if (message) check.addIssue({ code: "custom", message });
  });

export const clickhouseUrl = serviceUrl("http", "https").refine(
  (text) => {
    const { pathname = "", search } = parseUrl(text) ?? {};
    return /^\/[^/]*$/.test(pathname) && search === "";
  },
  { message: "a URL with nothing after the host except /DATABASE" },
);

export const filesUrl = z.string().transform((text, check) => {
  const parsed = parseFilesUrl(text);
  if (typeof parsed !== "string") return parsed;
  check.addIssue({ code: "custom", message: parsed });
  return z.NEVER;
});

/** Returns the requirement that the options of a Redis URL violate; undefined if they are valid. */
function redisOptionsProblem(url: URL | undefined): string | undefined {
  const options = [...(url?.searchParams ?? [])];
  const valuesOf = (name: string) => options.flatMap(([key, value]) => (key === name ? value : []));
  const [cluster, sentinel] = [valuesOf("cluster"), valuesOf("sentinel")];
  if (!options.every(([name]) => ["cluster", "sentinel", "node"].includes(name)))
    return "a URL with no options but sentinel=NAME, cluster=true and node=HOST:PORT";
  if (cluster.length + sentinel.length > 1 || (options.length > 0 && cluster.length + sentinel.length === 0))
    return "a URL with either sentinel=NAME or cluster=true, and node=HOST:PORT only with one of them";
  if (cluster.some((value) => value !== "true") || sentinel.includes(""))
    return "a URL with cluster=true or sentinel=NAME";
  if (cluster.length > 0 && !/^\/?0*$/.test(url?.pathname ?? ""))
    return "a URL of database 0, the only one in a cluster";
  if (!valuesOf("node").every(isNode)) return "a URL whose nodes are HOST or HOST:PORT, with a port from 1 to 65535";
  return undefined;
}

function isNode(node: string): boolean {
  const [, host = "", port = "1"] = /^(.+?)(?::(\d{1,5}))?$/.exec(node) ?? [];
  return /^[^\s:/@]+$|^\[[\da-f:.]+\]$/i.test(host) && Number(port) >= 1 && Number(port) <= 65_535;
}

/** An origin without a trailing slash. */
export const origin = url("http", "https")
  .refine(
    (text) => {
      const { pathname, search, hash } = parseUrl(text) ?? {};
      return pathname === "/" && !search && !hash;
    },
    { message: "a URL without a path, such as https://logs.example.com" },
  )
  .transform((text) => text.replace(/\/+$/, ""));

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** A literal /, ? or # in a password ends the host, so that parts of the password would be parsed as port or path, and shown. */
function isUnambiguous(address: URL | undefined): boolean {
  if (!address) return false;
  const { username, password, host, pathname, search, hash } = address;
  try {
    decodeURIComponent(username + password + host + pathname);
    return hash === "" && !`${pathname}${search}`.includes("@");
  } catch {
    return false;
  }
}

/**
 * IANA names without a slash for which Node and PostgreSQL agree. Abbreviations are excluded: CST means Chicago in
 * Node, six hours behind UTC all year in PostgreSQL, and China to most users of this product.
 */
const SHORT_ZONE_NAMES = new Set(
  (
    "UTC GMT UCT Zulu Universal Greenwich Cuba Egypt Eire GB Hongkong Iceland Iran Israel Jamaica Japan Kwajalein " +
    "Libya Navajo NZ Poland Portugal PRC ROC ROK Singapore Turkey W-SU"
  ).split(" "),
);

export const timeZone = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .refine(
      (text) => {
        try {
          new Intl.DateTimeFormat("en", { timeZone: text });
          return text.includes("/") || SHORT_ZONE_NAMES.has(text);
        } catch {
          return false;
        }
      },
      { message: "an IANA time zone by its full name, such as Asia/Shanghai or UTC" },
    );

export const cron = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .refine((text) => ["input.cron_never", undefined].includes(cronProblem(text)?.code), {
      message: `a cron expression of five fields, each within its range, such as "${fallback}"`,
      abort: true,
    })
    .refine((text) => cronProblem(text) === null, {
      message: `a cron expression with a date that exists, such as "${fallback}"`,
    });

/** A comma-separated list of IP addresses and CIDR blocks. */
export const addressList = (fallback = "") =>
  z
    .string()
    .default(fallback)
    .transform((text, context) => {
      const parts = text.split(",").flatMap((part) => part.trim() || []);
      const blocks = parts.map(parseIpBlock).filter((block) => block !== undefined);
      if (blocks.length === parts.length) return blocks;
      context.addIssue({
        code: "custom",
        message: "addresses or CIDR blocks between commas, such as 10.0.0.0/8,::1",
      });
      return z.NEVER;
    });
