import {
  acknowledgeAlert,
  addWebhook,
  changeRule,
  changeWebhook,
  listAlerts,
  listWebhooks,
  removeWebhook,
  ruleSettings,
  testWebhook,
} from "@/server/services/alerts";
import {
  alertKey,
  alertsQuery,
  ruleChange,
  webhookChange,
  webhookInput,
  webhookKey,
  webhookTestKey,
} from "@/server/services/alerts/contract";
import { forwards, procedure, router } from "./init";

export const alertsRouter = router({
  list: procedure("read")
    .input(alertsQuery.extend(forwards))
    .query(({ ctx, input }) => listAlerts(ctx.app, input)),

  acknowledge: procedure("alerts.acknowledge", "alert.acknowledge")
    .input(alertKey)
    .mutation(({ ctx, input }) => acknowledgeAlert(ctx.app, input.id, ctx.principal)),

  rules: procedure("read").query(({ ctx }) => ruleSettings(ctx.app)),

  changeRule: procedure("alerts", "alert-rule.change")
    .input(ruleChange)
    .mutation(async ({ ctx, input: { rule, ...change } }) => {
      await changeRule(ctx.app, rule, change, ctx.principal);
      return ruleSettings(ctx.app);
    }),

  webhooks: procedure("read").query(({ ctx }) => listWebhooks(ctx.app)),

  addWebhook: procedure("alerts", "webhook.add")
    .input(webhookInput)
    .mutation(({ ctx, input }) => addWebhook(ctx.app, input, ctx.principal)),

  changeWebhook: procedure("alerts", "webhook.change")
    .input(webhookChange)
    .mutation(({ ctx, input: { id, ...change } }) => changeWebhook(ctx.app, id, change, ctx.principal)),

  removeWebhook: procedure("alerts", "webhook.remove")
    .input(webhookKey)
    .mutation(({ ctx, input }) => removeWebhook(ctx.app, input.id, ctx.principal)),

  testWebhook: procedure("alerts", "webhook.test")
    .input(webhookTestKey)
    .mutation(({ ctx, input }) => testWebhook(ctx.app, input.id, ctx.principal)),
});
