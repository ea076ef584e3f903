export { getDashboard, listDashboards } from "./read";
export { changeOwner, createDashboard, deleteDashboard, saveDashboard } from "./write";
