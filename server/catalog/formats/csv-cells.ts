/** An unquoted empty cell is null, to distinguish NULL from empty text. */
export type CsvCell = string | null;

/**
 * Parses the cells of one CSV record. Quoted cells may span several lines. A quote opens a cell only at its start and
 * closes it only before a delimiter or the end, optionally followed by spaces; other quotes are text. Undefined if a
 * quote is not closed. Runs in linear time for any text.
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
 * Finds the closing quote of the cell whose text starts at `from`, and the following delimiter (or the end). Undefined
 * if the cell is not closed.
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
