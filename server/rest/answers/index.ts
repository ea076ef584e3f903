export { deadLettersAnswer, discardAnswer, replayAnswer } from "./dead-letters";
export { intakeAnswer, intakeContent } from "./intake";
export { jobAnswer, jobAnswers, jobsAnswer } from "./jobs";
export { logPageAnswer } from "./logs";
export { queuePausedAnswer, queueStatusAnswer } from "./queue-status";
export { tableStatsAnswer } from "./table-stats";
