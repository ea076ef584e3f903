export { detectFormat, INTAKE_FORMATS, type IntakeFormat } from "./detect";
export { type LogLine, type LogLineEvent, parseLogLine } from "./log-line";
