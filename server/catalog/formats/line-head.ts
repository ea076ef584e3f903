import { type ClientExtra, readClientAddress } from "./client-address";
import { unescapeQuoted } from "./request-line";

/** The part of a log line before the time. */
interface LineHead extends ClientExtra {
  ip_address: string;
  user_id?: string;
  ident?: string;
  request_id?: string;
  vhost?: string;
  /** The prefix added by a collector (syslog, a container runtime). */
  prefix?: string;
}

/** A fast check that rejects most words. */
const ADDRESS_LIKE = /^["[]*[0-9a-fA-F]*[.:]|,/;
const PORT = /^"?(?:[\d.]+|\[[^\]]*\]):\d+"?$/;
const VHOST = /^[\w.-]+(:\d+)?$|^\[[0-9a-fA-F:.]+\](:\d+)?$/;

/**
 * Parses `[vhost ]client ident user ` or `client ident request-id - `, optionally after a collector's prefix. The
 * client may be a list of IP addresses, separated by commas or spaces. Undefined if there is no IP address.
 */
export function readLineHead(head: string): LineHead | undefined {
  const words = head.trimEnd().split(" ");
  const span = findClient(words);
  if (!span) return undefined;
  const found = readClientAddress(words.slice(span.first, span.end).join(" "));
  if (!found) return undefined;
  const read: LineHead = { ip_address: found.address, ...found.extra };
  const [ident, ...names] = words.slice(span.end);
  if (ident && ident !== "-") read.ident = ident;
  if (names.length === 2 && names[1] === "-") {
    if (names[0] !== "-") read.request_id = names[0];
  } else {
    const user = userOf(names.join(" "));
    if (user !== "-" && user !== "") read.user_id = user;
  }
  if (span.first > 0) {
    const before = words.slice(0, span.first).join(" ");
    if (VHOST.test(before)) read.vhost = before;
    else read.prefix = before;
  }
  return read;
}

/** Apache quotes an empty user name. */
function userOf(text: string): string {
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? unescapeQuoted(text.slice(1, -1)) : text;
}

interface Span {
  readonly first: number;
  /** Exclusive. */
  readonly end: number;
}

/**
 * Finds the words of the client: at the start of the line, after a virtual host, or after a collector's tag, so that an
 * IP address in a user name is never used. After a prefix without a tag, the client is three words before the time
 * (four with a request ID); otherwise it is the first IP address.
 */
function findClient(words: readonly string[]): Span | undefined {
  const isVhost = VHOST.test(words[0] ?? "") && startsClient(words[1]);
  if (startsClient(words[0]) && !(isVhost && PORT.test(words[0] ?? ""))) return spanFrom(words, 0);
  if (isVhost) return spanFrom(words, 1);
  const tag = words.findLastIndex((word) => word.length > 1 && word.endsWith(":") && !isClient(word));
  if (tag !== -1) {
    const first = words.findIndex((word, index) => index > tag && startsClient(word));
    if (first !== -1) return spanFrom(words, first);
  }
  const usual = words.length - 3;
  if (isClient(words[usual])) return spanTo(words, usual);
  if (words.at(-1) === "-" && isClient(words[usual - 1])) return spanTo(words, usual - 1);
  const first = words.findIndex(isAddress);
  return first === -1 ? undefined : spanFrom(words, first);
}

/** Words joined by commas, then IP addresses separated by spaces only. */
function spanFrom(words: readonly string[], first: number): Span {
  let end = first + 1;
  while (end < words.length && words[end - 1]?.endsWith(",")) end++;
  while (end < words.length && isAddress(words[end])) end++;
  return { first, end };
}

function spanTo(words: readonly string[], last: number): Span {
  let first = last;
  while (first > 0 && words[first - 1]?.endsWith(",")) first--;
  return { first, end: last + 1 };
}

function startsClient(word: string | undefined): boolean {
  return isClient(word) || (word?.endsWith(",") ?? false);
}

function isClient(word: string | undefined): boolean {
  return word === "unix:" || isAddress(word);
}

function isAddress(word: string | undefined): boolean {
  return word !== undefined && ADDRESS_LIKE.test(word) && readClientAddress(word) !== undefined;
}
