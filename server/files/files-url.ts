/** The object store of FILES_URL. */
export interface S3Location {
  readonly bucket: string;
  /** The prefix of all keys, without leading or trailing slash; empty for the whole bucket. */
  readonly prefix: string;
  /** The URL of the service; undefined for AWS, whose region may come from AWS_REGION. */
  readonly endpoint: string | undefined;
  readonly region: string | undefined;
  /** `https://HOST/BUCKET` instead of `https://BUCKET.HOST`. */
  readonly pathStyle: boolean;
}

const OPTIONS = ["endpoint", "region", "path_style"];
const DEFAULT_REGION = "us-east-1";

/**
 * Parses `s3://BUCKET/PREFIX?endpoint=URL&region=NAME&path_style=true`.
 * @returns the requirement that an invalid value violates
 */
export function parseFilesUrl(text: string): S3Location | string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "s3:" || !/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/i.test(url.host)) return "s3://BUCKET/PREFIX";
  // It is shown in messages and stored with each file.
  if (url.username || url.password) return "a URL without credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
  const unknown = [...url.searchParams.keys()].find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined || url.hash) return "a URL with no options but endpoint=, region= and path_style=";
  const endpoint = url.searchParams.get("endpoint") || undefined;
  if (endpoint !== undefined && !isServiceUrl(endpoint)) return "a URL whose endpoint is an http:// or https:// URL";
  const pathStyle = url.searchParams.get("path_style") || "false";
  if (!["true", "false"].includes(pathStyle)) return "a URL with path_style=true or path_style=false";
  const pathname = decoded(url.pathname);
  if (pathname === undefined) return "a URL that encodes each literal % as %25";
  const prefix = pathname.replace(/^\/+|\/+$/g, "");
  return {
    bucket: url.host,
    prefix,
    endpoint,
    region: url.searchParams.get("region") || (endpoint === undefined ? undefined : DEFAULT_REGION),
    pathStyle: pathStyle === "true",
  };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function isServiceUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return (url?.protocol === "http:" || url?.protocol === "https:") && !url.username && !url.password;
}
