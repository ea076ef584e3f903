import type { z } from "zod";
import { ERROR_KINDS, type ErrorKind } from "@/server/catalog/errors";
import { PERMISSIONS } from "@/server/services/accounts";
import type { EndpointDescription } from "../endpoint";
import { jsonSchema, propertiesOf } from "./schema";

interface Place {
  readonly path: string;
  readonly method: string;
  readonly description: EndpointDescription;
  /** The path parameters whose values are part of `path`. */
  readonly params: Readonly<Record<string, string>>;
}

/** Describes one method of a path as an OpenAPI operation. */
export function describeOperation({ path, method, description, params }: Place) {
  const query = propertiesOf(description.query(params));
  const inPath = propertiesOf(description.params).filter(({ name }) => path.includes(`{${name}}`));
  const content = description.content(params);
  const answers = Object.entries(description.answers(params));
  const errors = errorsOf(description, {
    isChange: method !== "get",
    hasPath: inPath.length > 0,
    hasCursor: query.some(({ name }) => name === "cursor"),
  });
  return {
    operationId: operationId(method, path),
    summary: description.summary,
    description: `Needs one of the roles: ${PERMISSIONS[description.permission].join(", ")}.`,
    tags: [path.split("/")[1]],
    parameters: [
      ...inPath.map(({ name, schema }) => ({ name, in: "path", required: true, schema })),
      ...query.map(({ name, schema: { description, ...schema }, isRequired }) => ({
        name,
        in: "query",
        required: isRequired,
        ...(description === undefined ? {} : { description }),
        schema,
      })),
    ],
    ...(content === null ? {} : { requestBody: { required: true, content: contentOf(content) } }),
    responses: Object.fromEntries([
      ...answers.map(([status, schema]) => [status, answerOf(status, schema)]),
      ...errors.map((code) => [ERROR_KINDS[code].http, errorOf(code, description.problem)]),
    ]),
  };
}

function errorOf(code: ErrorKind, problem: z.ZodType | undefined) {
  if (!problem) return { $ref: `#/components/responses/${responseName(code)}` };
  const schema = jsonSchema(problem, "output");
  const mediaType = schema.contentMediaType ?? (schema.type === "string" ? "text/plain" : "application/json");
  return { description: ERROR_KINDS[code].title, content: { [mediaType]: { schema } } };
}

/** `NOT_FOUND` -> `NotFound`. */
export function responseName(code: string): string {
  return code.toLowerCase().replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** `post`, `/queues/{name}/{action}` -> `postQueuesNameAction`. */
function operationId(method: string, path: string): string {
  return method + path.replace(/[^a-zA-Z]+(\w?)/g, (_, letter: string) => letter.toUpperCase());
}

interface Traits {
  readonly isChange: boolean;
  readonly hasPath: boolean;
  readonly hasCursor: boolean;
}

function errorsOf({ permission, errors }: EndpointDescription, traits: Traits): ErrorKind[] {
  const codes = new Set<ErrorKind>(["UNAUTHORIZED", "UNPROCESSABLE", "TOO_MANY_REQUESTS", "UNAVAILABLE", ...errors]);
  if (traits.isChange || permission !== "read") codes.add("FORBIDDEN");
  if (traits.hasPath) codes.add("NOT_FOUND");
  if (traits.hasCursor || traits.isChange) codes.add("BAD_REQUEST");
  // A client may send a body that the endpoint does not expect.
  if (traits.isChange) codes.add("TOO_LARGE").add("UNSUPPORTED_MEDIA_TYPE");
  return [...codes];
}

function contentOf(content: Readonly<Record<string, z.ZodType>>) {
  return Object.fromEntries(
    Object.entries(content).map(([mediaType, schema]) => [mediaType, { schema: jsonSchema(schema, "input") }]),
  );
}

function answerOf(status: string, answer: z.ZodType) {
  const schema = jsonSchema(answer, "output");
  if (status === "204") return { description: schema.description ?? "Done" };
  // A file of any media type.
  const otherwise = schema.format === "binary" ? "*/*" : "application/json";
  const mediaType = schema.contentMediaType ?? otherwise;
  return { description: schema.description ?? "Done", content: { [mediaType]: { schema } } };
}
