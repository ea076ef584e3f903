export { deadLetterReader } from "./dead-letter-reader";
export { discardDeadLetters, listDeadLetters } from "./dead-letters";
export { deadLetterGroups } from "./groups";
export { previewReplay } from "./preview-replay";
export { replayDeadLetters } from "./replay";
export { runReplay } from "./run-replay";
export { startReplay } from "./start-replay";
