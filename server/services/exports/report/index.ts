export { reportSheets, reportStatements } from "./report";
