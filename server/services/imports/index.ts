export { deleteOldImports } from "./delete-old-imports";
export { getImport, listImports } from "./list";
export { runUndo } from "./run-undo";
export { findUndoable, startUndo, undoDetails } from "./start-undo";
