import fc from "fast-check";
import { type BrowsedTableName, browsedTables } from "@/server/catalog";
import { quoted, writePatternText } from "@/server/catalog/filter/pattern";

/** Random rows and filters with everything that JSON, patterns, regular expressions, cases and addresses treat in their own way. */

export const TABLES = ["access_logs", "user_activities"] as const satisfies BrowsedTableName[];
export type HostileTable = (typeof TABLES)[number];
export const DOCUMENTS = { access_logs: ["extra"], user_activities: ["details", "extra"] } as const;

const TEXTS = [
  ...["", "a", "A", "login", "Login", "LOGIN", "refund *", "100%", "a_b", "ΣΊΣΥΦΟΣ", "σίσυφος", "ſtraße", "STRASSE"],
  ...["ıstanbul", "İstanbul", "K", "k", "支付成功", "（2024）京01民终123号", "e\u0301", "é", "😀", "\ue000A\ue000N5"],
  ...[
    'say "hi"',
    "\\",
    "\\n",
    "\n",
    "new\nline",
    "\u0001\u001f",
    "\u007f",
    "\u2028",
    "tab\t",
    '": ',
    '", "a": "',
    "a: b",
  ],
  ...[
    "1",
    "1.0",
    "1.10",
    "-0",
    "true",
    "null",
    "[1, 2]",
    '{"a": 1}',
    "a.b",
    "~0",
    "/a",
    "$.a",
    "it's",
    "#",
    "a-b[c]",
    " a ",
  ],
];
const NUMBERS = [
  ...["0", "1", "1.0", "1.10", "-12.5", "-0", "1e3", "1e-7", "123456789012345678901234567890.5", "0.30", "5e20"],
  ...["18446744073709551616", "-9223372036854775809", "9007199254740993", "1e400", "-1e310", "12345678901234567890"],
];
const KEYS = [
  "a",
  "b",
  "A",
  "0",
  "1",
  "-1",
  "01",
  " 1",
  "+1",
  "案号",
  "",
  "a.b",
  'q"k',
  "b\\k",
  "~",
  "/",
  "login",
  "n\nk",
  "😀",
];

const text = fc.constantFrom(...TEXTS);
const scalar = fc.oneof(
  text.map((value) => JSON.stringify(value)),
  fc.constantFrom(...NUMBERS),
  fc.constantFrom("true", "false", "null"),
);
const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small", maxDepth: 4 },
    scalar,
    fc.array(tie("json"), { maxLength: 4 }).map((values) => `[${values.join(",")}]`),
    fc
      .array(fc.tuple(fc.constantFrom(...KEYS), tie("json")), { maxLength: 4 })
      .map((members) => `{${members.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(",")}}`),
  ),
}));
const flat = fc.record({ key: fc.constantFrom(...KEYS), value: scalar }).map(({ key, value }) => {
  return `{${JSON.stringify(key)}:${value},"z":[${value},{"a":${value}}]}`;
});

const ADDRESSES = [
  "10.0.0.7",
  "10.9.9.9",
  "2001:db8::1",
  "2001:db9::1",
  "::ffff:10.0.0.7",
  "255.255.255.255",
  "::",
  "0.0.0.0",
];
const ADDRESS_TEXTS = [...ADDRESSES, "unknown", "999.1.1.1", "2001:DB8::1", "10.0.0.7/8", "", null];
const BLOCKS = [
  "10.0.0.0/8",
  "10.0.0.7/31",
  "0.0.0.0/0",
  "::/0",
  "2001:db8::/33",
  "10.0.0.7/32",
  "::ffff:10.0.0.0/104",
  "255.0.0.0/1",
];

const PATHS = [
  "/api/orders/17",
  "/api/orders/0b1c2d3e-0000-4000-8000-000000000000/items/3.json",
  "/",
  "//a//7?x=1#y",
  "/a\n1/22",
];
const REFERERS = [
  "https://www.Example.com/a",
  "http://u:p@[2001:db8::1]:80/x",
  "https://例子.cn?x",
  "example.com/a",
  "HTTPS://A.B",
];
const AGENTS = ["Googlebot/2.1", "Mozilla/5.0 (Windows NT 10.0)", "curl/8", "Robotics", "ΒΟΤ bot"];

const or = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { freq: 5 });
const common = {
  user_id: text,
  session_id: or(text),
  user_agent: or(fc.oneof(text, fc.constantFrom(...AGENTS))),
  details: or(fc.oneof(json, flat)),
  minute: fc.nat(4_000),
};
/** A row of each table; `minute` and `details` are its time and document. */
export const HOSTILE_ROW = {
  access_logs: fc.record({
    ...common,
    ip_address: fc.constantFrom(...ADDRESSES),
    request_path: fc.oneof(text, fc.constantFrom(...PATHS)),
    referer: or(fc.oneof(text, fc.constantFrom(...REFERERS))),
    request_method: or(fc.constantFrom("GET", "")),
    status_code: or(fc.constantFrom(0, 200, 204, 404, 500, 999)),
    response_time: or(fc.constantFrom(0, 1, 20, 2_147_483_647)),
  }),
  user_activities: fc.record({
    ...common,
    ip_address: fc.constantFrom(...ADDRESS_TEXTS),
    action: text,
    resource_type: or(text.map((value) => value.slice(0, 50))),
  }),
};

const value = fc.oneof(
  text.map((part) => writePatternText([part])),
  fc.constantFrom("null", "*", '""'),
  fc.constantFrom(...NUMBERS, "1.1", "5e20"),
  fc
    .array(
      fc.oneof(
        text,
        text.map((part) => part.slice(0, 2)),
      ),
      { minLength: 2, maxLength: 6 },
    )
    .map(writePatternText),
);
const member = (table: HostileTable) =>
  fc
    .tuple(
      fc.constantFrom(...DOCUMENTS[table]),
      fc.array(fc.constantFrom(...KEYS, "z"), { minLength: 1, maxLength: 4, size: "small" }),
    )
    .map(([field, keys]) => [field, ...keys.map(quoted)].join("."));
const term = (table: HostileTable) =>
  fc.oneof(
    {
      arbitrary: fc.tuple(member(table), fc.constantFrom(":", " != "), value).map((parts) => parts.join("")),
      weight: 4,
    },
    {
      arbitrary: fc
        .tuple(
          member(table),
          fc.constantFrom(">", ">=", "<", "<="),
          fc.constantFrom(...NUMBERS.filter((n) => /^[-\d.]{1,31}$/.test(n))),
        )
        .map((parts) => parts.join(" ")),
      weight: 3,
    },
    fc
      .array(
        fc.oneof(
          text,
          text.map((part) => part.slice(1, 4)),
        ),
        { minLength: 1, maxLength: 3, size: "xsmall" },
      )
      .map((parts) => parts.map(quoted).join("*")),
    fc
      .tuple(
        fc.constantFrom(...browsedTables[table].columns.filter(({ type }) => type === "text").map(({ name }) => name)),
        fc.constantFrom(":", " != "),
        value,
      )
      .map((parts) => parts.join("")),
    fc
      .tuple(
        fc.constantFrom("ip_address"),
        fc.constantFrom(":", "!="),
        fc.constantFrom(...BLOCKS, ...ADDRESSES, "*.7", "2001*", "*:*"),
      )
      .map((parts) => parts.join("")),
    fc.constantFrom(
      "created_at:2026-05-02",
      "created_at > 2026-05-01T12:00",
      "created_at <= 2026-05-02T06:00",
      "id:null",
      "id:00000000-0000-4000-8000-000000000007",
    ),
    ...(table === "access_logs"
      ? [
          fc.constantFrom(
            "status_code:(4xx, 200)",
            "status_code:null",
            "status_code > 404",
            "response_time:20",
            "response_time <= 20",
            "status_code:5xx",
            "response_time:*",
            "status_class:(5xx, 0xx)",
            "status_class:null",
            "route:/api/orders/:id",
            "route:*:id*",
            "not route:/",
            "referer_host:example.com",
            "referer_host:*b*",
            "referer_host:null",
            "is_bot:true",
            "is_bot:false",
          ),
        ]
      : []),
  );
/** Filter expressions for a table. */
export const filterOf = (table: HostileTable) =>
  fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      term(table),
      fc.tuple(tie("expression"), tie("expression")).map(([a, b]) => `(${a}) (${b})`),
      fc.tuple(tie("expression"), tie("expression")).map(([a, b]) => `(${a} or ${b})`),
      tie("expression").map((operand) => `not (${operand})`),
    ),
  })).expression;
