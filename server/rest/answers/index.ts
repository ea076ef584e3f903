export { archiveCheckAnswer, archivesAnswer } from "./archives";
export { deadLettersAnswer, discardAnswer, replayAnswer } from "./dead-letters";
export { exportDeletedAnswer, exportManifestAnswer, exportPreviewAnswer, exportsAnswer, fileAnswers } from "./exports";
export { intakeAnswer, intakeContent } from "./intake";
export { jobAnswer, jobAnswers, jobsAnswer } from "./jobs";
export { logPageAnswer } from "./logs";
export { queuePausedAnswer, queueStatusAnswer } from "./queue-status";
export { scheduledTasksAnswer } from "./scheduled-tasks";
export { tableStatsAnswer } from "./table-stats";
