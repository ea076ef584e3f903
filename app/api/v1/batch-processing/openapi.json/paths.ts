import type { DocumentedPaths } from "@/server/rest";
import * as logs from "../[table]/route";
import * as alertAcknowledge from "../alerts/[id]/acknowledge/route";
import * as alerts from "../alerts/route";
import * as archiveDownload from "../archives/[id]/download/route";
import * as archiveRestore from "../archives/[id]/restore/route";
import * as archiveVerify from "../archives/[id]/verify/route";
import * as archives from "../archives/route";
import * as auditExport from "../audit/export/route";
import * as audit from "../audit/route";
import * as cleanup from "../cleanup/route";
import * as deadLetter from "../dead-letters/[id]/route";
import * as deadLettersReplay from "../dead-letters/replay/route";
import * as deadLetters from "../dead-letters/route";
import * as download from "../download/route";
import * as exportPreview from "../export/preview/route";
import * as startExport from "../export/route";
import * as exportManifest from "../exports/[id]/manifest/route";
import * as exportFile from "../exports/[id]/route";
import * as exportFiles from "../exports/route";
import * as importRecord from "../imports/[id]/route";
import * as imports from "../imports/route";
import * as job from "../jobs/[id]/route";
import * as jobs from "../jobs/route";
import * as queueStatus from "../queue-status/route";
import * as queueAction from "../queues/[name]/[action]/route";
import * as taskRun from "../scheduled-tasks/[name]/run/route";
import * as taskStatus from "../scheduled-tasks/status/route";
import * as tableStats from "../table-stats/[table]/route";

/** Every route file but the document's own. A new one is added here; a test tells which is missing. */
export const paths: DocumentedPaths = {
  "/{table}": logs,
  "/alerts": alerts,
  "/alerts/{id}/acknowledge": alertAcknowledge,
  "/archives": archives,
  "/archives/{id}/download": archiveDownload,
  "/archives/{id}/restore": archiveRestore,
  "/archives/{id}/verify": archiveVerify,
  "/audit": audit,
  "/audit/export": auditExport,
  "/cleanup": cleanup,
  "/dead-letters": deadLetters,
  "/dead-letters/{id}": deadLetter,
  "/dead-letters/replay": deadLettersReplay,
  "/download": download,
  "/export": startExport,
  "/export/preview": exportPreview,
  "/exports": exportFiles,
  "/exports/{id}": exportFile,
  "/exports/{id}/manifest": exportManifest,
  "/imports": imports,
  "/imports/{id}": importRecord,
  "/jobs": jobs,
  "/jobs/{id}": job,
  "/queue-status": queueStatus,
  "/queues/{name}/{action}": queueAction,
  "/scheduled-tasks/status": taskStatus,
  "/scheduled-tasks/{name}/run": taskRun,
  "/table-stats/{table}": tableStats,
};
