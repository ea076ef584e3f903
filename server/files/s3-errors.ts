import { NoSuchKey, NotFound, S3ServiceException } from "@aws-sdk/client-s3";
import { AppError } from "@/server/lib/errors";

const MISSING = new Set(["NoSuchKey", "NotFound", "NoSuchUpload"]);
/** Error codes of radosgw, MinIO, Swift (413, 507) and Aliyun OSS; S3 has none. */
const NO_SPACE = new Set([
  "EntityTooLarge",
  "InsufficientStorage",
  "QuotaExceeded",
  "StorageFull",
  "XMinioAdminBucketQuotaExceeded",
  "XMinioStorageFull",
]);
const DENIED = new Set([
  "AccessDenied",
  "AllAccessDisabled",
  "AuthorizationHeaderMalformed",
  "CredentialsProviderError",
  "ExpiredToken",
  "Forbidden",
  "InvalidAccessKeyId",
  "InvalidToken",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
]);

/** Client errors that a later request may not meet. */
const TRANSIENT = new Set(["OperationAborted", "RequestTimeout", "SlowDown", "Throttling", "ThrottlingException"]);
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 425, 429]);

/** Returns whether the object does not exist. A missing bucket is another error. */
export function isMissing(error: unknown): boolean {
  if (error instanceof NoSuchKey || error instanceof NotFound) return true;
  return error instanceof S3ServiceException && MISSING.has(error.name);
}

/** Converts an error of the S3 client into an error for users; other errors are unchanged. */
export function explainS3Error(error: unknown): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
  const reason = reasonOf(error);
  if (isMissing(error)) return new AppError("files.missing", {}, { cause: error });
  if (NO_SPACE.has(error.name) || status === 507)
    return new AppError("files.no_space", {}, { retryAfter: 60, cause: error });
  if (DENIED.has(error.name) || status === 401 || status === 403)
    return new AppError("files.denied", { reason }, { retryAfter: 60, cause: error });
  const isRejected =
    status !== undefined &&
    status >= 300 &&
    status < 500 &&
    !TRANSIENT_STATUSES.has(status) &&
    !TRANSIENT.has(error.name);
  const code = isRejected ? "files.store_rejected" : "files.store_unavailable";
  return new AppError(code, { reason }, { retryAfter: 60, cause: error });
}

/** Returns the code of the service or of the connection's error. Messages of services may contain keys. */
function reasonOf(error: Error): string {
  if ("code" in error && typeof error.code === "string") return error.code;
  return error.name === "Error" ? error.message : error.name;
}
