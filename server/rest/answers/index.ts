export { deadLettersAnswer, discardAnswer, replayAnswer } from "./dead-letters";
export { intakeAnswer, intakeContent } from "./intake";
export { logPageAnswer } from "./logs";
export { queuePausedAnswer, queueStatusAnswer } from "./queue-status";
export { tableStatsAnswer } from "./table-stats";
