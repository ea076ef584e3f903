import { z } from "zod";

/** The properties of a JSON Schema that are used here. */
export interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly contentMediaType?: string;
  readonly format?: string;
}

/**
 * Converts `schema` to JSON Schema 2020-12, for requests (`input`) or responses (`output`). Rules that JSON Schema
 * cannot express are omitted, so the document may permit more than the validation does.
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
      // The pattern applies to the text in the URL, which is converted to a number.
      if (made.type === "integer" || made.type === "number") delete made.pattern;
    },
  }) as JsonSchema & { $schema?: string; "~standard"?: unknown };
  return rest;
}

/** Returns the parameters that an object schema declares. */
export function propertiesOf(schema: z.ZodType): { name: string; schema: JsonSchema; isRequired: boolean }[] {
  const { properties = {}, required = [] } = jsonSchema(schema, "input");
  return Object.entries(properties).map(([name, property]) => ({
    name,
    schema: property,
    isRequired: required.includes(name),
  }));
}
