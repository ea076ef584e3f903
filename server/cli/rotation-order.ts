import path from "node:path";

const COMPRESSED = /\.(?:gz|zst|xz|bz2)$/i;
/** `access.log.3`, `access.log-20240131`, `access.log.2024-01-31`, `access.3.log`: before the extension or at the end. */
const ROTATED = /^(.*?)[._-](\d{4}-\d\d-\d\d(?:[-T_]?\d{2,6})?|\d+)(\.[A-Za-z]\w*)?$/;
/** A longer number is a date: `20240131`, `1706659200`. */
const MAX_INDEX_DIGITS = 5;

const collator = new Intl.Collator("en", { numeric: true });

interface Place {
  /** The folder and the name without the number or date of a rotation. */
  readonly log: string;
  /** Sorts the files of one log, oldest first. */
  readonly age: readonly [number, string];
}

function placeOf(file: string): Place {
  const name = path.basename(file).replace(COMPRESSED, "");
  const [, base, mark, extension = ""] = ROTATED.exec(name) ?? [];
  if (base === undefined || mark === undefined) return { log: path.join(path.dirname(file), name), age: [2, ""] };
  const log = path.join(path.dirname(file), base + extension);
  if (mark.length <= MAX_INDEX_DIGITS) return { log, age: [-Number(mark), ""] };
  return { log, age: [1, mark] };
}

/** Whether `file` is an earlier file of a log: `access.log.2.gz` of `access.log`. */
export function isRotationOf(file: string, log: string): boolean {
  return file !== log && placeOf(file).log === log;
}

/**
 * Compares two files by name, and files of one log by age, oldest first: `access.log.10.gz`, `access.log.2`,
 * `access.log.1`, `access.log-20240131`, `access.log`.
 */
export function compareFiles(left: string, right: string): number {
  const [a, b] = [placeOf(left), placeOf(right)];
  return (
    collator.compare(a.log, b.log) ||
    a.age[0] - b.age[0] ||
    collator.compare(a.age[1], b.age[1]) ||
    collator.compare(left, right)
  );
}
