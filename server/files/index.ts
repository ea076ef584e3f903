export type { ByteRange, FileStore, StoreTarget, WrittenFile } from "./file-store";
export { type FileStores, openFileStores, openTarget, recordStores } from "./file-stores";
export { hashed } from "./hashed";
export { isKey } from "./key";
