import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { parseCookies } from "better-auth/cookies";
import { derivedKey } from "@/server/lib/derived-key";
import type { Context } from "@/server/process/context";

/** The lifetime of the cookie: half a year from the last sign-in. */
const KNOWN_SECONDS = 180 * 24 * 3600;
/** The cookie is only needed at sign-in. */
const PATH = "/api/auth/sign-in";
const NAME = "batch-console.known-browser.";

/** A browser that signed in to an account before. */
export interface KnownBrowser {
  /** The key under which its attempts are counted. */
  readonly attempts: string;
}

/**
 * A device cookie as described by OWASP. It lets a browser sign in again while strangers guess at the account. It is
 * not a credential: the password is still required, and attempts are limited per cookie.
 */
export function knownBrowserCookie(ctx: Context, email: string) {
  const body = `${randomBytes(16).toString("base64url")}.${Math.floor(ctx.now().getTime() / 1_000)}`;
  const account = accountMark(ctx, email);
  return {
    name: NAME + account,
    value: `${body}.${sign(ctx, account, body).toString("base64url")}`,
    options: {
      httpOnly: true,
      sameSite: "lax",
      secure: ctx.config.appUrl.startsWith("https:"),
      path: PATH,
      maxAge: KNOWN_SECONDS,
    },
  } as const;
}

/** Returns the browser of a request if it is known for the account, else undefined. */
export function knownBrowser(ctx: Context, headers: Headers, email: string): KnownBrowser | undefined {
  const account = accountMark(ctx, email);
  return readCookie(ctx, account, parseCookies(headers.get("cookie") ?? "").get(NAME + account));
}

/** Returns whether a request comes from a browser that is known for any account. */
export function isKnownBrowser(ctx: Context, headers: Headers): boolean {
  const cookies = headers.get("cookie");
  if (!cookies?.includes(NAME)) return false;
  return [...parseCookies(cookies)].some(
    ([name, value]) => name.startsWith(NAME) && readCookie(ctx, name.slice(NAME.length), value) !== undefined,
  );
}

function readCookie(ctx: Context, account: string, cookie: string | undefined): KnownBrowser | undefined {
  const [nonce = "", seconds = "", signature = ""] = cookie?.split(".") ?? [];
  const given = Buffer.from(signature, "base64url");
  const right = sign(ctx, account, `${nonce}.${seconds}`);
  if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
  if (Number(seconds) + KNOWN_SECONDS < ctx.now().getTime() / 1_000) return undefined;
  return { attempts: `sign-in:browser:${nonce}` };
}

/** Identifies an account without its address. */
function accountMark(ctx: Context, email: string): string {
  const key = derivedKey(ctx.secret, "known browsers");
  return createHmac("sha256", key).update(`account ${email}`).digest("base64url").slice(0, 16);
}

function sign(ctx: Context, account: string, body: string): Buffer {
  const key = derivedKey(ctx.secret, "known browsers");
  return createHmac("sha256", key).update(`browser ${account} ${body}`).digest();
}
