/** What a rule found: of one queue, task or archive, or of the whole, whose subject is empty. */
export interface Sample {
  readonly subject: string;
  /** Null while it cannot be known: what is open of the subject stays open. */
  readonly value: number | null;
}
