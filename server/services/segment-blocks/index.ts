export { BLOCK_ROWS, type Block, makeBlockWriter } from "./block-writer";
export { insertBlocks, mayContainWords, moveBlocks, restrictParts } from "./blocks";
