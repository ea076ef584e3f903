import { listRules, saveRules, testRule } from "@/server/services/intake-rules";
import { ruleSetSave, ruleTest } from "@/server/services/intake-rules/contract";
import { procedure, router } from "./init";

export const intakeRulesRouter = router({
  list: procedure("intake-rules").query(({ ctx }) => listRules(ctx.app)),

  save: procedure("intake-rules", "intake-rules.change")
    .input(ruleSetSave)
    .mutation(({ ctx, input }) => saveRules(ctx.app, ctx.principal, input)),

  test: procedure("intake-rules")
    .input(ruleTest)
    .query(({ ctx, input }) => testRule(ctx.app, input)),
});
