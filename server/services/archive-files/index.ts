export { archivedRange, archiveParts } from "./archive-parts";
export {
  type ArchivedRelation,
  type OpenArchives,
  openArchivedRow,
  openArchivedRows,
  openArchives,
} from "./archived-relation";
export { archivedRows } from "./archived-rows";
export { convertRows } from "./convert-rows";
export {
  type ArchiveFile,
  explainWriteError,
  removeArchiveFiles,
  type StoredArchive,
} from "./files";
export { fillArchiveBlocks } from "./fill-blocks";
export { archiveFormat, archiveOf, archivePath, archivePathIn, CONTENT_TYPES, manifestPath } from "./format";
export { readRelationCsv } from "./parquet-csv";
export { damageOf, problemOf } from "./problem";
export { parquetContent, readThrough } from "./read-archive";
export { recordBlocks } from "./record-blocks";
