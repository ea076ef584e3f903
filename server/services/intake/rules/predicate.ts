import ipaddr from "ipaddr.js";
import type { Column, LogTable } from "@/server/catalog";
import { derivedField } from "@/server/catalog/derived-fields";
import {
  type FieldTerm,
  type FieldTest,
  type FilterExpression,
  type Pattern,
  parseFilter,
} from "@/server/catalog/filter";
import { type IpBlock, parseIp, parseIpBlock } from "@/server/lib/ip";
import { isJsonNumber } from "@/server/lib/json-number";
import { parseRangeEnd, parseRangeStart } from "@/server/lib/time";
import type { Row } from "../row";
import { compareDecimals, decimalText } from "./decimal";
import { derivedReader } from "./derived-text";
import { hostText } from "./host-text";
import { memberOf, memberText, scalarTexts } from "./json-member";
import { makeFinder, matchesPattern } from "./text-match";

export type Predicate = (row: Row) => boolean;

/** A test of a value; it is not called for no value. */
type ValueTest = (value: string) => boolean;

/**
 * Compiles a filter to a test of rows that are not stored yet. It is true for exactly the rows that the same filter
 * finds in PostgreSQL. The filter is valid: server/services/logs has accepted it.
 * @param timeZone of times without an offset
 */
export function compilePredicate(table: LogTable, filter: string, timeZone: string): Predicate {
  // As PostgreSQL receives it.
  return predicateOf(table, parseFilter(filter.toWellFormed()), timeZone);
}

function predicateOf(table: LogTable, expression: FilterExpression, timeZone: string): Predicate {
  switch (expression.kind) {
    case "and": {
      const operands = expression.operands.map((operand) => predicateOf(table, operand, timeZone));
      return (row) => operands.every((operand) => operand(row));
    }
    case "or": {
      const operands = expression.operands.map((operand) => predicateOf(table, operand, timeZone));
      return (row) => operands.some((operand) => operand(row));
    }
    case "not": {
      const operand = predicateOf(table, expression.operand, timeZone);
      return (row) => !operand(row);
    }
    case "text":
      return textPredicate(table, expression.parts);
    case "field":
      return fieldPredicate(table, expression, timeZone);
  }
}

function textPredicate(table: LogTable, parts: Pattern): Predicate {
  const contains = makeFinder(parts);
  const columns = table.columns.map((column, index) => ({ column, index }));
  const texts = columns.filter(({ column }) => column.type === "text" || column.type === "inet");
  const documents = columns.filter(({ column }) => column.type === "jsonb");
  return (row) => {
    for (const { column, index } of texts) {
      const value = row[index];
      if (typeof value === "string" && contains(column.type === "inet" ? hostText(value) : value)) return true;
    }
    for (const { index } of documents) {
      const value = row[index];
      if (typeof value !== "string") continue;
      for (const text of scalarTexts(JSON.parse(value))) if (contains(text)) return true;
    }
    return false;
  };
}

function fieldPredicate(table: LogTable, { field, path, test }: FieldTerm, timeZone: string): Predicate {
  const index = table.columns.findIndex(({ name }) => name === field);
  const column = table.columns[index];
  if (column) {
    if (path.length === 0) return valuePredicate(test, (row) => row[index] ?? null, valueTest(column, test, timeZone));
    return memberPredicate(index, path, test);
  }
  const derived = derivedField(table, field);
  if (!derived) throw new Error(`A filter has the unknown field ${field}.`);
  const source = table.columns.findIndex(({ name }) => name === derived.column);
  const other = table.columns.findIndex(({ name }) => name === derived.alsoReads);
  const read = derivedReader(derived.value);
  const isClass = derived.name === "status_class" && test.op === "match" && test.pattern.length === 1;
  const pattern = test.op === "match" ? test.pattern.map((part) => (isClass ? part.toLowerCase() : part)) : [];
  return valuePredicate(
    test,
    (row) => read(row[source] ?? null, row[other] ?? null),
    (value) => matchesPattern(value, pattern),
  );
}

/** Tests whether there is a value before testing the value itself. */
function valuePredicate(test: FieldTest, read: (row: Row) => string | null, matches: ValueTest): Predicate {
  switch (test.op) {
    case "null":
      return (row) => read(row) === null;
    case "set":
      return (row) => read(row) !== null;
    case "empty":
      return (row) => read(row) === "";
    default:
      return (row) => {
        const value = read(row);
        return value !== null && matches(value);
      };
  }
}

/** The test of a value of a column; what is only whether there is a value needs none. */
function valueTest(column: Column, test: FieldTest, timeZone: string): ValueTest {
  switch (test.op) {
    case "null":
    case "set":
    case "empty":
      return () => false;
    case "match":
      return matchTest(column, test.pattern, timeZone);
    default: {
      if (column.type === "timestamptz") return timeTest(test.op, test.value, timeZone);
      const { op } = test;
      const bound = Number(test.value);
      return (value) => isOrdered(op, Number(value) - bound);
    }
  }
}

function isOrdered(op: ">" | ">=" | "<" | "<=", difference: number): boolean {
  switch (op) {
    case ">":
      return difference > 0;
    case ">=":
      return difference >= 0;
    case "<":
      return difference < 0;
    case "<=":
      return difference <= 0;
  }
}

function timeTest(op: ">" | ">=" | "<" | "<=", value: string, timeZone: string): ValueTest {
  const from = parseRangeStart(value, timeZone) ?? "";
  const before = parseRangeEnd(value, timeZone) ?? "";
  switch (op) {
    case ">":
      return (time) => time >= before;
    case ">=":
      return (time) => time >= from;
    case "<":
      return (time) => time < from;
    case "<=":
      return (time) => time < before;
  }
}

function matchTest(column: Column, pattern: Pattern, timeZone: string): ValueTest {
  const [text = "", ...rest] = pattern;
  if (rest.length > 0) {
    return column.type === "inet"
      ? (value) => matchesPattern(hostText(value), pattern)
      : (value) => matchesPattern(value, pattern);
  }
  switch (column.type) {
    case "uuid":
      return (value) => value === text.toLowerCase();
    case "timestamptz": {
      const from = parseRangeStart(text, timeZone) ?? "";
      const before = parseRangeEnd(text, timeZone) ?? "";
      return (value) => value >= from && value < before;
    }
    case "inet":
      return addressTest(text);
    case "integer":
      return column.filter === "status" ? statusTest(text) : (value) => Number(value) === Number(text);
    default:
      return column.isAddress && isBlock(text) ? addressTest(text) : (value) => value === text;
  }
}

function isBlock(text: string): boolean {
  return text.includes("/") && parseIpBlock(text) !== undefined;
}

/** Whether an address is in a block, or equal to an address. */
function addressTest(text: string): ValueTest {
  const block: IpBlock | undefined = parseIpBlock(text);
  if (!block) return () => false;
  const [network, bits] = block;
  return (value) => {
    const address = parseIp(value);
    if (address instanceof ipaddr.IPv4) return network instanceof ipaddr.IPv4 && address.match(network, bits);
    return address !== undefined && network instanceof ipaddr.IPv6 && address.match(network, bits);
  };
}

/** A list of statuses and classes. */
function statusTest(list: string): ValueTest {
  const parts = list.split(",").map((part) => part.trim().toLowerCase());
  const classes = new Set(parts.filter((part) => part.endsWith("xx")).map((part) => Number(part.charAt(0))));
  const statuses = new Set(parts.filter((part) => !part.endsWith("xx")).map(Number));
  return (value) => statuses.has(Number(value)) || classes.has(Math.floor(Number(value) / 100));
}

function memberPredicate(index: number, path: readonly string[], test: FieldTest): Predicate {
  const memberIn = (row: Row) => {
    const value = row[index];
    return typeof value === "string" ? memberOf(JSON.parse(value), path) : undefined;
  };
  switch (test.op) {
    case "null":
    case "set":
    case "empty":
    case "match": {
      const [text = "", ...rest] = test.op === "match" ? test.pattern : [];
      const isNumber = rest.length === 0 && isJsonNumber(text);
      const pattern = [text, ...rest];
      return (row) => {
        const member = memberIn(row);
        if (isNumber && typeof member === "number") return compareDecimals(decimalText(member), text) === 0;
        return valuePredicate(
          test,
          () => memberText(member) ?? null,
          (value) => matchesPattern(value, pattern),
        )(row);
      };
    }
    default:
      return (row) => {
        const member = memberIn(row);
        return typeof member === "number" && isOrdered(test.op, compareDecimals(decimalText(member), test.value));
      };
  }
}
