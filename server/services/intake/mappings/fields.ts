import type { DurationUnit } from "@/server/catalog";

/** The values that a variable can have in a log line. */
export type FieldKind =
  | "address"
  | "number"
  | "decimal"
  /** Numbers of several upstream servers: `0.001, 0.002 : 0.003`. */
  | "list"
  /** Text without spaces and quotes. */
  | "word"
  /** The name of a part of a proxy's configuration, without `/`. */
  | "name"
  | "text"
  /** `GET /path HTTP/1.1` */
  | "request"
  /** `GET http://example.com:80/path HTTP/1.1` */
  | "request_url"
  /** `$uri$is_args$args`: nginx writes `-` after the path if there are no arguments. */
  | "uri_args"
  /** A host name followed by a path. */
  | "host_path"
  /** `10/Oct/2000:13:55:36 -0700` */
  | "time_local"
  /** `[10/Oct/2000:13:55:36 -0700]` */
  | "time_bracketed"
  /** `2000-10-10T13:55:36-07:00` */
  | "time_iso"
  /** `06/Feb/2009:12:14:14.655` */
  | "time_millis"
  /** A time in another notation. */
  | "time";

/** A variable of a text format. */
export interface Field {
  /** Its name in `extra`. */
  readonly name: string;
  readonly kind: FieldKind;
  /** The column of its values; by default that of `name`. */
  readonly column?: string;
  /** Of a duration, or of a time since 1970. */
  readonly unit?: DurationUnit;
}

/** A field as written in a format. */
export interface PlacedField extends Field {
  /** As written: `$status`. */
  readonly written: string;
  /** Its position in the text that was given. */
  readonly at: number;
}

export type Piece = string | PlacedField;

/** How a server escapes values. */
export type Escaping =
  /** nginx's default: `\xNN` for quotes, backslashes, control characters and bytes above 126; "-" for no value. */
  | "hex"
  /** nginx's `escape=json`. */
  | "json"
  /** nginx's `escape=none`. */
  | "none"
  /** Apache: `\"`, `\\`, `\n` and `\xNN`; "-" for no value. */
  | "apache";

export interface TextFormat {
  readonly pieces: readonly Piece[];
  readonly escaping: Escaping;
}

interface KindRule {
  /** A character that can occur in values. */
  readonly characters: RegExp;
  readonly maxLength: number;
  /** If all values have the same length. */
  readonly length?: number;
}

const MAX_WORD = 512;

/** What delimits the values of each kind. */
export const KIND_RULES: Readonly<Record<FieldKind, KindRule>> = {
  address: { characters: /[\w:.%-]/, maxLength: 255 },
  number: { characters: /[-\d]/, maxLength: 20 },
  decimal: { characters: /[-\d.]/, maxLength: 32 },
  list: { characters: /[-\d., :]/, maxLength: 512 },
  word: { characters: /[^\s"]/, maxLength: MAX_WORD },
  name: { characters: /[\w.:~<>-]/, maxLength: MAX_WORD },
  text: { characters: /[\s\S]/, maxLength: Number.POSITIVE_INFINITY },
  request: { characters: /[\s\S]/, maxLength: Number.POSITIVE_INFINITY },
  request_url: { characters: /[\s\S]/, maxLength: Number.POSITIVE_INFINITY },
  uri_args: { characters: /[\s\S]/, maxLength: Number.POSITIVE_INFINITY },
  host_path: { characters: /[\s\S]/, maxLength: Number.POSITIVE_INFINITY },
  time_local: { characters: /[\w/: +-]/, maxLength: 26, length: 26 },
  time_bracketed: { characters: /[\w/: +[\]-]/, maxLength: 28, length: 28 },
  time_millis: { characters: /[\w/:.]/, maxLength: 24, length: 24 },
  time_iso: { characters: /[\dT:+-]/, maxLength: 25, length: 25 },
  time: { characters: /[\w/: +.,[\]-]/, maxLength: 64 },
};
