/** A rule's sample of a queue, task, archive or collector; the subject is empty for global rules. */
export interface Sample {
  readonly subject: string;
  /** Null while unknown: alerts of the subject stay unchanged. */
  readonly value: number | null;
}
