export { detectFormat, INTAKE_FORMATS, type IntakeFormat } from "./detect";
export { parseLogLine } from "./log-line";
