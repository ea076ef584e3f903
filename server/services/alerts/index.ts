export { makeDatabaseAlarm } from "./database-unreachable";
export { evaluateAlerts } from "./evaluate";
export { type AlertPage, acknowledgeAlert, listAlerts, openAlerts } from "./list";
export { RULE_NAMES } from "./rules";
export { changeRule, ruleSettings } from "./settings";
export { ALERT_STATES, type Alert } from "./types";
export { ALERT_UNITS } from "./units";
export { deliverNotices } from "./webhooks/deliver";
export { addWebhook, changeWebhook, listWebhooks, removeWebhook, testWebhook } from "./webhooks/manage";
