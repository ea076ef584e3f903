export { getDashboard, listDashboards } from "./read";
export { shareDashboard, sharesOf } from "./share";
export { changeOwner, createDashboard, deleteDashboard, saveDashboard } from "./write";
