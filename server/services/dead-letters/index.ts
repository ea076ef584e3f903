export { deadLetterReader } from "./dead-letter-reader";
export {
  type DeadLetter,
  type DeadLetterGroup,
  type DeadLetterPage,
  deadLetterGroups,
  discardDeadLetters,
  listDeadLetters,
} from "./dead-letters";
export { type ReplayResult, replayDeadLetters } from "./replay";
