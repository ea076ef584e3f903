/** Keeps texts for seconds. It may forget any of them at any time and never throws: who asks can do without. */
export interface Cache {
  get(key: string): Promise<string | undefined>;
  set(key: string, text: string, seconds: number): Promise<void>;
  close(): Promise<void>;
}
