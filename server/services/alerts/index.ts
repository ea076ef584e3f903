export { makeDatabaseAlarm } from "./database-unreachable";
export { evaluateAlerts } from "./evaluate";
export { acknowledgeAlert, listAlerts, openAlerts } from "./list";
export { changeRule, ruleSettings } from "./settings";
export { deliverNotices } from "./webhooks/deliver";
export { addWebhook, changeWebhook, listWebhooks, removeWebhook, testWebhook } from "./webhooks/manage";
