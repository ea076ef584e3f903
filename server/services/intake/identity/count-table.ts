const FIRST_CAPACITY = 1024;

/**
 * Counts by 64-bit key, in typed arrays with open addressing. A Map of 100,000 changing strings would add 200 bytes of
 * garbage per line to the old generation.
 */
export class CountTable {
  #capacity = FIRST_CAPACITY;
  #size = 0;
  #highs = new Uint32Array(FIRST_CAPACITY);
  #lows = new Uint32Array(FIRST_CAPACITY);
  #counts = new Uint32Array(FIRST_CAPACITY);

  /** 0 when the key is not set. */
  get(high: number, low: number): number {
    return this.#counts[this.#slot(high, low)] ?? 0;
  }

  /** @param count above 0 */
  set(high: number, low: number, count: number): void {
    const slot = this.#slot(high, low);
    if (this.#counts[slot] === 0) this.#size++;
    this.#highs[slot] = high;
    this.#lows[slot] = low;
    this.#counts[slot] = count;
    if (this.#size * 2 > this.#capacity) this.#grow();
  }

  /** All keys with their counts: three numbers for each key. */
  entries(): Uint32Array {
    const entries = new Uint32Array(this.#size * 3);
    let at = 0;
    for (const [slot, count] of this.#counts.entries()) {
      if (count === 0) continue;
      entries.set([this.#highs[slot] ?? 0, this.#lows[slot] ?? 0, count], at);
      at += 3;
    }
    return entries;
  }

  /** Sets keys to the counts that `entries` returned. */
  load(entries: Uint32Array): void {
    for (let at = 0; at + 2 < entries.length; at += 3) {
      const count = entries[at + 2] ?? 0;
      if (count > 0) this.set(entries[at] ?? 0, entries[at + 1] ?? 0, count);
    }
  }

  clear(): void {
    this.#counts.fill(0);
    this.#size = 0;
  }

  /** The slot of the key, or the free slot for it. */
  #slot(high: number, low: number): number {
    const mask = this.#capacity - 1;
    let slot = low & mask;
    while (this.#counts[slot] !== 0 && (this.#lows[slot] !== low || this.#highs[slot] !== high))
      slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [highs, lows, counts] = [this.#highs, this.#lows, this.#counts];
    this.#capacity *= 2;
    this.#highs = new Uint32Array(this.#capacity);
    this.#lows = new Uint32Array(this.#capacity);
    this.#counts = new Uint32Array(this.#capacity);
    for (const [slot, count] of counts.entries()) {
      if (count === 0) continue;
      const to = this.#slot(highs[slot] ?? 0, lows[slot] ?? 0);
      this.#highs[to] = highs[slot] ?? 0;
      this.#lows[to] = lows[slot] ?? 0;
      this.#counts[to] = count;
    }
  }
}
