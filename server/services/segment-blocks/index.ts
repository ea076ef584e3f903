export { BLOCK_ROWS, type Block, makeBlockWriter } from "./block-writer";
export {
  insertArchiveBlocks,
  insertBlocks,
  mayContainWords,
  moveBlocks,
  restrictArchives,
  restrictParts,
} from "./blocks";
