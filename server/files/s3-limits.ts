/** Limits of an object store's requests. */
export interface S3Limits {
  readonly connectMs: number;
  /** Time without a byte. */
  readonly idleMs: number;
  readonly requestMs: number;
  /** Attempts of a request, with the delays of the client: a second and a half in all, 10 seconds for an overloaded one. */
  readonly attempts: number;
}

export const S3_LIMITS: S3Limits = { connectMs: 5_000, idleMs: 20_000, requestMs: 120_000, attempts: 5 };
