export { deadLetterReader } from "./dead-letter-reader";
export { deadLetterGroups, discardDeadLetters, listDeadLetters } from "./dead-letters";
export { replayDeadLetters } from "./replay";
