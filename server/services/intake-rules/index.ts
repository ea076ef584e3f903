export { listRules, saveRules } from "./store";
export { testRule } from "./test-rule";
