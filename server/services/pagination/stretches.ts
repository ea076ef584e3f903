const DAY_MS = 86_400_000;
/** Of a longer stretch, the index has more days to look up than they leave out. */
const MOST_DAYS = 8;
/** The end of the last year that rows can be stored of. */
const LAST_TIME = Date.UTC(2101, 0, 1);

export interface Stretch {
  /** Milliseconds since 1970, as all times here; undefined for all that is left. */
  readonly to?: number;
  /** Its days are to be asked of the index. */
  readonly isShort: boolean;
}

/**
 * The stretch of time to search next, from `at` on, `span` long or to the `end` of the list. Only a short one is
 * found by its days; of a long one the index gives all matches in the partitions that it touches, which are months,
 * so it begins and ends with a month: what matches elsewhere in one could be millions of rows.
 * @param span all that is left where undefined
 * @param isWalked whether the rows before `at` were searched, and few
 * @param isSparse whether little is found in a day: a short stretch then ends with one, since all that matches in its
 * days is looked up anyhow
 */
export function nextStretch(search: {
  readonly at: number;
  readonly span?: number;
  readonly end?: number;
  readonly ascending: boolean;
  readonly isWalked: boolean;
  readonly isSparse: boolean;
}): Stretch & { readonly at: number } {
  const { at, span = Number.POSITIVE_INFINITY, ascending, isWalked, isSparse } = search;
  const sign = ascending ? 1 : -1;
  const end = search.end ?? sign * Number.POSITIVE_INFINITY;
  const nearer = (one: number, other: number) => (sign * (one - other) <= 0 ? one : other);
  const wanted = nearer(at + sign * span, end);
  if (Math.abs(wanted - at) <= MOST_DAYS * DAY_MS) {
    return { at, to: isSparse ? nearer(dayBorder(wanted, ascending), end) : wanted, isShort: true };
  }

  const border = monthBorder(at, ascending);
  if (border !== at && !isWalked) return { at, to: nearer(border, end), isShort: true };
  if (wanted < 0 || wanted > LAST_TIME) return { at, isShort: false };
  if (wanted !== end) return { at, to: nearer(monthBorder(wanted, ascending), end), isShort: false };
  const lastBorder = monthBorder(end, !ascending);
  return sign * (lastBorder - at) > 0 ? { at, to: lastBorder, isShort: false } : { at, to: end, isShort: true };
}

/** The first beginning of a day at or behind a time, in that direction. */
function dayBorder(time: number, ascending: boolean): number {
  return (ascending ? Math.ceil : Math.floor)(time / DAY_MS) * DAY_MS;
}

/** The first beginning of a month at or behind a time, in that direction. */
function monthBorder(time: number, ascending: boolean): number {
  const date = new Date(time);
  const start = Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
  if (!ascending || start === time) return start;
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}
