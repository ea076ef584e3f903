import type { S3Location } from "./files-url";

/** What another program needs to read objects. */
export interface S3Access {
  /** The access key, its secret, and the session token if there is one. */
  readonly credentials: readonly string[];
  readonly urlOf: (key: string) => string;
}

/** Returns a function that returns how this process reads the object store. Credentials that expire are renewed. */
export function makeS3Access({ bucket, prefix, endpoint, region, pathStyle }: S3Location): () => Promise<S3Access> {
  // The client warns in each process that releases after January 2027 need Node.js 22.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const opened = import("@aws-sdk/client-s3").then(
    ({ S3Client }) => new S3Client({ ...(region !== undefined && { region }) }),
  );
  return async () => {
    const { config } = await opened;
    const { accessKeyId, secretAccessKey, sessionToken } = await config.credentials();
    const service = new URL(endpoint ?? `https://s3.${await config.region()}.amazonaws.com`);
    const root = pathStyle ? `${service.origin}/${bucket}` : `${service.protocol}//${bucket}.${service.host}`;
    return {
      credentials: [accessKeyId, secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken])],
      urlOf: (key) => [root, ...(prefix === "" ? [] : [prefix]), key].join("/"),
    };
  };
}
