/** The options of a format in the export form. */
interface FormatChoices {
  /** Whether the statistics report can be written in it. */
  readonly hasReport: boolean;
  /** Whether its files are for programs, with the limit MAX_EXPORT_ROWS_COLUMNAR. */
  readonly isColumnar: boolean;
  /** Whether one file contains all tables of a report; otherwise a report is a zip with a file for each. */
  readonly hasSheets: boolean;
  /** Whether its files are compressed already. */
  readonly isCompressed: boolean;
  /** Whether a file can start with a byte order mark. */
  readonly hasByteOrderMark: boolean;
  /** Whether the names of columns are a row for people, which can be in their language. */
  readonly hasHeader: boolean;
}

/** The export formats; server/services/exports/formats contains the rest of each. */
export const EXPORT_CHOICES = {
  csv: {
    hasReport: true,
    isColumnar: false,
    hasSheets: false,
    isCompressed: false,
    hasByteOrderMark: true,
    hasHeader: true,
  },
  excel: {
    hasReport: true,
    isColumnar: false,
    hasSheets: true,
    isCompressed: true,
    hasByteOrderMark: false,
    hasHeader: true,
  },
  ndjson: {
    hasReport: false,
    isColumnar: true,
    hasSheets: false,
    isCompressed: false,
    hasByteOrderMark: false,
    hasHeader: false,
  },
  parquet: {
    hasReport: false,
    isColumnar: true,
    hasSheets: false,
    isCompressed: true,
    hasByteOrderMark: false,
    hasHeader: false,
  },
} as const satisfies Record<string, FormatChoices>;

export type ExportFormatName = keyof typeof EXPORT_CHOICES;

export const EXPORT_FORMAT_NAMES = Object.keys(EXPORT_CHOICES) as [ExportFormatName, ...ExportFormatName[]];

export const EXPORT_COMPRESSIONS = ["none", "gzip", "zip"] as const;
