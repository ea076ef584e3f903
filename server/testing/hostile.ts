import { gzipSync } from "node:zlib";
import fc from "fast-check";
import type { Operation } from "./rest";

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Strings that are known to break programs. */
const HOSTILE_TEXTS = [
  "",
  "\uD800",
  "\uFFFF",
  "'; drop table access_logs; --",
  "%00",
  "%",
  "*",
  "\\",
  "{{7*7}}",
  "../../etc/passwd",
  "__proto__",
  "constructor",
  "NaN",
  "-1",
  "0",
  "1e309",
  "9".repeat(40),
  "2024-02-30",
  "2024-01-31T25:61:61Z",
  "0001-01-01",
  "+275760-09-13T00:00:00.001Z",
  "99999999-12-31",
  "::1%eth0",
  "10.0.0.0/33",
  "::/0",
  "4xx,".repeat(300),
  "x".repeat(5_000),
  "＊".repeat(2_000),
  "\u{10FFFF}",
];

/** Strings that are valid for some parameter. */
const PLAUSIBLE = ["2024-01-31", "2024-01-31T08:00:00+08:00", "10.0.0.0/8", "::1", "404,5xx", "/api/*", "7", "中文"];

const text = fc.oneof(
  fc.constant("\0"),
  fc.constantFrom(...HOSTILE_TEXTS),
  fc.constantFrom(...PLAUSIBLE),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string(),
);

/** Generates mostly valid values for the schema, with occasional invalid ones at any depth. */
function valueFor(schema: Schema): fc.Arbitrary<unknown> {
  return fc.oneof({ arbitrary: fitting(schema), weight: 6 }, { arbitrary: anything, weight: 1 });
}

const anything = fc.oneof(fc.jsonValue({ maxDepth: 4 }), text, fc.double(), fc.bigInt().map(Number), fc.constant(null));

function fitting(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(fitting));
  switch (schema.type) {
    case "string":
      return text;
    case "integer":
    case "number":
      return fc.oneof(
        {
          arbitrary: fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 1_000, 1_000) }),
          weight: 3,
        },
        { arbitrary: fc.oneof(fc.integer(), fc.double()), weight: 1 },
      );
    case "boolean":
      return fc.boolean();
    case "array":
      return fc.array(valueFor(schema.items ?? {}), { maxLength: 5 });
    case "object": {
      const known = Object.entries(schema.properties ?? {}).map(([name, inner]) => [name, valueFor(inner)]);
      const more = fc.dictionary(text, anything, { minKeys: 1, maxKeys: 2 });
      return fc
        .tuple(fc.record(Object.fromEntries(known), { requiredKeys: [] }), fc.option(more, { freq: 4 }))
        .map(([given, others]) => ({ ...others, ...given }));
    }
    default:
      return anything;
  }
}

/** Generates a value of the schema as URL text. `String` would throw for an object with its own `toString`. */
const inUrl = (schema: Schema) =>
  valueFor(schema).map((value) => (typeof value === "object" ? JSON.stringify(value) : String(value)));

export interface HostileRequest {
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** Generates valid, nearly valid and invalid requests of an operation. */
export function hostileRequests({ method, path, parameters, requestBody }: Operation): fc.Arbitrary<HostileRequest> {
  const inPath = parameters.filter((parameter) => parameter.in === "path");
  const inQuery = parameters.filter((parameter) => parameter.in === "query");
  const places = fc.record(Object.fromEntries(inPath.map(({ name, schema }) => [name, inUrl(schema)])));
  const known = fc
    .subarray(inQuery, { maxLength: Math.min(3, inQuery.length) })
    .chain((some) => fc.tuple(...some.map(({ name, schema }) => fc.tuple(fc.constant(name), inUrl(schema)))));
  const unknown = fc.oneof(
    { arbitrary: fc.constant<[string, string][]>([]), weight: 5 },
    {
      arbitrary: fc.array(fc.tuple(fc.oneof(text, fc.constantFrom("cursor", "page")), text), { maxLength: 2 }),
      weight: 1,
    },
  );
  const body = method === "GET" ? fc.constant({ headers: {} }) : bodyOf(requestBody?.content ?? {});
  return fc.tuple(places, known, unknown, body).map(([at, fitting, more, sent]) => ({
    // A path segment cannot contain a slash, even encoded.
    path: path.replace(/\{(\w+)\}/g, (_, name: string) => String(at[name]).replaceAll("/", "")),
    query: new URLSearchParams([...fitting, ...more]).toString(),
    ...sent,
  }));
}

function bodyOf(content: Readonly<Record<string, { readonly schema: Schema }>>) {
  const mediaTypes = [...Object.keys(content), "application/json", "text/html", "", "application/json; charset=gbk"];
  return fc
    .tuple(
      fc.constantFrom(...mediaTypes),
      fc.oneof(
        { arbitrary: fc.constant(undefined), weight: 8 },
        { arbitrary: fc.constantFrom("gzip", "br", "x"), weight: 1 },
      ),
      fc.boolean(),
    )
    .chain(([mediaType, encoding, isPacked]) =>
      bytesOf(mediaType, content[mediaType]?.schema ?? {}).map((bytes) => ({
        headers: {
          ...(mediaType === "" ? {} : { "content-type": mediaType }),
          ...(encoding === undefined ? {} : { "content-encoding": encoding }),
        },
        body: encoding === "gzip" && isPacked ? new Uint8Array(gzipSync(bytes)) : bytes,
      })),
    );
}

function bytesOf(mediaType: string, schema: Schema): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const json = valueFor(schema).map((value) => JSON.stringify(value) ?? "");
  const lines = fc.array(fc.oneof(json, text, line), { maxLength: 4 }).map((parts) => parts.join("\n"));
  const texts = mediaType === "application/json" ? json : lines;
  return fc.oneof(
    { arbitrary: texts.map((sent) => new TextEncoder().encode(sent)), weight: 8 },
    { arbitrary: fc.uint8Array({ maxLength: 50 }).map((bytes) => new Uint8Array(bytes)), weight: 1 },
  );
}

/** Prefixes of the line formats, so that the random rest is parsed as one of them. */
const line = fc
  .tuple(
    fc.constantFrom(
      '1.2.3.4 - - [10/Oct/2020:13:55:36 -0700] "GET / HTTP/1.1" 200 ',
      "user_id,action,details\n1,",
      "ip_address,request_path\n::1,",
      '{"user_id":"1","action":',
    ),
    text,
  )
  .map((parts) => parts.join(""));
