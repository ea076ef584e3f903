import { z } from "zod";
import { ERROR_KINDS, type ErrorKind } from "@/server/catalog/errors";
import type { EndpointDescription } from "../endpoint";
import type { Endpoints, Handler } from "../route";
import { describeOperation, responseName } from "./operation";
import { jsonSchema, propertiesOf } from "./schema";

const REST_BASE = "/api/v1/batch-processing";

/** Every path in OpenAPI notation (`/queues/{name}/{action}`), with a handler that its route file exports. */
export type DocumentedPaths = Readonly<Record<string, { readonly GET: Handler }>>;

const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string().describe("Stable, such as `export.too_many_rows`"),
  params: z.record(z.string(), z.unknown()).describe("The values in `detail`"),
  detail: z.string().describe("In the language of Accept-Language (`en` or `zh-CN`), or English"),
  errors: z.array(
    z.object({
      path: z.string(),
      message: z.string(),
      code: z.string(),
      params: z.record(z.string(), z.unknown()),
      position: z.int().optional().describe("The position of the error in a filter expression, in characters"),
    }),
  ),
});

/**
 * Creates the OpenAPI 3.1 document of `paths` from the schemas that validate the requests. A path whose schemas depend
 * on the log table is listed once for each table.
 */
export function openApiDocument(paths: DocumentedPaths) {
  const items = Object.entries(paths).flatMap(([template, { GET: handler }]) => pathItems(template, handler.endpoints));
  return {
    openapi: "3.1.1",
    info: {
      title: "Batch console",
      version: "1",
      description:
        "Batch intake, browsing and maintenance of access logs and user activities. Times in responses are ISO 8601 in UTC with microseconds. Times in requests without an offset are in the configured time zone. Lists are paged by `next_cursor`.",
    },
    servers: [{ url: REST_BASE }],
    security: [{ apiKey: [] }, { session: [] }],
    paths: Object.fromEntries(items),
    components: {
      schemas: { Problem: jsonSchema(problem, "output") },
      responses: Object.fromEntries(Object.keys(ERROR_KINDS).map((code) => [responseName(code), errorResponse(code)])),
      securitySchemes: {
        apiKey: { type: "http", scheme: "bearer", description: "An API key." },
        session: {
          type: "apiKey",
          in: "cookie",
          name: "batch-console.session_token",
          description: "The dashboard's session; changes must come from the same origin.",
        },
      },
    },
  };
}

function pathItems(template: string, endpoints: Endpoints): [string, object][] {
  const described = Object.entries(endpoints).flatMap(([method, { description }]) =>
    description ? [{ method: method.toLowerCase(), description }] : [],
  );
  const choices = described.some(({ description }) => description.variesByPath)
    ? pathChoices(described[0]?.description)
    : [{}];
  return choices.map((params) => {
    const path = template.replace(/\{(\w+)\}/g, (whole, name: string) => params[name] ?? whole);
    const operations = described.map(({ method, description }) => [
      method,
      describeOperation({ path, method, description, params }),
    ]);
    // Collectors have absolute paths, as their clients do not know the base.
    const servers = path.startsWith("/api/") ? { servers: [{ url: "/" }] } : {};
    return [path, { ...servers, ...Object.fromEntries(operations) }];
  });
}

/** Returns every value of the path parameter that the schemas depend on. */
function pathChoices(description: EndpointDescription | undefined): Record<string, string>[] {
  const properties = description ? propertiesOf(description.params) : [];
  const [{ name, schema } = { name: "", schema: {} }, ...others] = properties;
  if (!schema.enum || others.length > 0) throw new Error("Only a path with one listed parameter can vary by it.");
  return schema.enum.map((value) => ({ [name]: String(value) }));
}

function errorResponse(code: string) {
  const { title, http } = ERROR_KINDS[code as ErrorKind];
  const hasRetryAfter = http === 429 || http === 503;
  const retryAfter = {
    "Retry-After": { description: "Seconds after which to retry.", schema: { type: "integer" } },
  };
  return {
    description: title,
    ...(hasRetryAfter ? { headers: retryAfter } : {}),
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
  };
}
