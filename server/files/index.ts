export type { ByteRange, FileStore, StoreTarget, WrittenFile } from "./file-store";
export { type FileStores, openFileStores, openTarget, recordStores } from "./file-stores";
export type { S3Location } from "./files-url";
export { hashed } from "./hashed";
export { isKey } from "./key";
export { makeS3Access, type S3Access } from "./s3-access";
export { ID_KEY } from "./s3-store";
