/** A cell that is empty and not quoted is null, so that NULL and empty text can be told apart. */
export type CsvCell = string | null;

/**
 * The cells of one CSV record, whose quoted cells may go over several lines. A quote opens only at the start of a cell
 * and closes only before a delimiter or the end, with nothing but space between; others are text. Undefined where a
 * quote is never closed. Time grows with the length alone, whatever the text.
 */
export function parseCsvCells(text: string, delimiter: string): CsvCell[] | undefined {
  if (!text.includes('"')) return text.split(delimiter).map((cell) => (cell === "" ? null : cell));
  const cells: CsvCell[] = [];
  for (let at = 0; ; at++) {
    if (text[at] === '"') {
      const closing = closingQuote(text, at + 1, delimiter);
      if (closing === undefined) return undefined;
      cells.push(text.slice(at + 1, closing.at).replaceAll('""', '"'));
      at = closing.end;
    } else {
      const found = text.indexOf(delimiter, at);
      const end = found === -1 ? text.length : found;
      cells.push(end === at ? null : text.slice(at, end));
      at = end;
    }
    if (at >= text.length) return cells;
  }
}

/**
 * Where the quoted cell whose text begins at `from` closes, and where the delimiter behind it stands (or the end).
 * Undefined where it does not close.
 */
export function closingQuote(text: string, from: number, delimiter: string): { at: number; end: number } | undefined {
  for (let search = from; ; ) {
    const at = text.indexOf('"', search);
    if (at === -1) return undefined;
    if (text[at + 1] === '"') {
      search = at + 2;
      continue;
    }
    let end = at + 1;
    while (end < text.length && text[end] !== delimiter && text[end]?.trim() === "") end++;
    if (end >= text.length || text[end] === delimiter) return { at, end };
    search = end;
  }
}
