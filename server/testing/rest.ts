import Ajv2020 from "ajv/dist/2020";
import { type DocumentedPaths, openApiDocument } from "@/server/rest";

interface Asked {
  readonly method: string;
  /** A path of the document, or with its parameters filled in. */
  readonly path: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** The parameter of folders such as `[[...path]]`. */
const CATCH_ALL = "{path}";

/** Calls the route files directly, resolved by path like Next.js does. */
export async function askRest(
  paths: DocumentedPaths,
  { method, path, query = "", headers, body }: Asked,
): Promise<Answered> {
  // Static segments take precedence over dynamic ones.
  const templates = Object.keys(paths).sort((a, b) => a.split("{").length - b.split("{").length);
  for (const template of templates) {
    const pattern = template
      .replace(".", "\\.")
      .replace(CATCH_ALL, "(?<path>.*)")
      .replace(/\{(\w+)\}/g, "(?<$1>[^/]*)");
    const match = new RegExp(`^${pattern}$`, "s").exec(path);
    const handler = paths[template]?.GET;
    if (!match || !handler) continue;
    const request = new Request(`http://127.0.0.1:3000/x${query && `?${query}`}`, { method, headers, body });
    const { path: rest, ...params } = match.groups ?? {};
    const segments = rest === undefined ? {} : { path: rest.split("/") };
    const response = await handler(request, { params: Promise.resolve({ ...params, ...segments }) });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }
  throw new Error(`${path} is not a path of the document.`);
}

type Document = ReturnType<typeof openApiDocument>;

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: "path" | "query"; readonly schema: object }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
  readonly responses: Readonly<Record<string, { readonly content?: object; readonly $ref?: string }>>;
}

/** Returns the operations of the serialized document. */
export function operationsOf(paths: DocumentedPaths): Operation[] {
  const read: { paths: Record<string, Record<string, Omit<Operation, "method" | "path">>> } = JSON.parse(
    JSON.stringify(openApiDocument(paths)),
  );
  return Object.entries(read.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => method !== "servers")
      .map(([method, operation]) => ({ method: method.toUpperCase(), path, ...operation })),
  );
}

/** Creates a check that returns the differences between a response and the document; an empty list if it conforms. */
export function makeResponseCheck(document: Document): (operation: Operation, answer: Answered) => string[] {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(JSON.parse(JSON.stringify(document)), "document");
  return ({ method, path, responses }, { status, headers, text }) => {
    const response = responses[status];
    if (!response) return [`${status} is not in the document`];
    const pointer = response.$ref
      ? response.$ref.slice(1)
      : `/paths/${pointerPart(path)}/${method.toLowerCase()}/responses/${status}`;
    if (response.content && "*/*" in response.content) return [];
    if (!response.content && !response.$ref) return text === "" ? [] : ["it has a body"];
    const mediaType = headers.get("content-type")?.split(";")[0] ?? "";
    const isText = response.content !== undefined && "text/plain" in response.content;
    const expected = response.$ref ? "application/problem+json" : isText ? "text/plain" : "application/json";
    if (mediaType !== expected) return [`it is ${mediaType}`];
    if (isText) return [];
    const validate = ajv.getSchema(`document#${pointer}/content/${pointerPart(mediaType)}/schema`);
    if (!validate) return [`${mediaType} is not in the document`];
    validate(JSON.parse(text));
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };
}

function pointerPart(part: string): string {
  return encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"));
}
