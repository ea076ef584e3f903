import { z } from "zod";

/** The parts of a JSON Schema that are looked at here. */
export interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly contentMediaType?: string;
  readonly format?: string;
}

/**
 * `schema` as JSON Schema 2020-12: what may be sent (`input`), or what comes out (`output`). A rule that JSON Schema
 * has no word for is left out, so that the document may allow more than the request's check.
 */
export function jsonSchema(schema: z.ZodType, io: "input" | "output"): JsonSchema {
  const {
    $schema: _,
    "~standard": __,
    ...rest
  } = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    override: ({ jsonSchema: made }) => {
      // A text in the URL that stands for a number: its pattern is the text's.
      if (made.type === "integer" || made.type === "number") delete made.pattern;
    },
  }) as JsonSchema & { $schema?: string; "~standard"?: unknown };
  return rest;
}

/** The parameters that an object's properties are, as they come in. */
export function propertiesOf(schema: z.ZodType): { name: string; schema: JsonSchema; isRequired: boolean }[] {
  const { properties = {}, required = [] } = jsonSchema(schema, "input");
  return Object.entries(properties).map(([name, property]) => ({
    name,
    schema: property,
    isRequired: required.includes(name),
  }));
}
