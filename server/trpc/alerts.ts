import { z } from "zod";
import { LOCALES } from "@/messages/locales";
import { WEBHOOK_FORMATS } from "@/server/catalog/webhook-formats";
import {
  ALERT_STATES,
  acknowledgeAlert,
  addWebhook,
  changeRule,
  changeWebhook,
  listAlerts,
  listWebhooks,
  RULE_NAMES,
  removeWebhook,
  ruleSettings,
  testWebhook,
} from "@/server/services/alerts";
import { procedure, router } from "./init";

const id = z.guid();
const webhook = z.strictObject({
  name: z.string().trim().min(1).max(100),
  url: z.string().max(2_000),
  format: z.enum(WEBHOOK_FORMATS),
  secret: z.string().min(1).max(500).nullable(),
  locale: z.enum(LOCALES),
});

export const alertsRouter = router({
  list: procedure("read")
    .input(
      z.strictObject({
        state: z.enum([...ALERT_STATES, "open"]).optional(),
        limit: z.int().min(1).max(200).default(50),
        cursor: z.string().optional(),
        /** The interface's paging sends it. */
        direction: z.literal("forward").optional(),
      }),
    )
    .query(({ ctx, input: { direction: _, ...query } }) => listAlerts(ctx.app, query)),

  acknowledge: procedure("alerts.acknowledge", "alert.acknowledge")
    .input(z.strictObject({ id }))
    .mutation(({ ctx, input }) => acknowledgeAlert(ctx.app, input.id, ctx.principal)),

  rules: procedure("read").query(({ ctx }) => ruleSettings(ctx.app)),

  changeRule: procedure("alerts", "alert-rule.change")
    .input(
      z.strictObject({
        rule: z.enum(RULE_NAMES),
        enabled: z.boolean().optional(),
        threshold: z.number().nullable().optional(),
      }),
    )
    .mutation(async ({ ctx, input: { rule, ...change } }) => {
      await changeRule(ctx.app, rule, change, ctx.principal);
      return ruleSettings(ctx.app);
    }),

  webhooks: procedure("read").query(({ ctx }) => listWebhooks(ctx.app)),

  addWebhook: procedure("alerts", "webhook.add")
    .input(webhook)
    .mutation(({ ctx, input }) => addWebhook(ctx.app, input, ctx.principal)),

  changeWebhook: procedure("alerts", "webhook.change")
    .input(webhook.extend({ enabled: z.boolean() }).partial().extend({ id }))
    .mutation(({ ctx, input: { id, ...change } }) => changeWebhook(ctx.app, id, change, ctx.principal)),

  removeWebhook: procedure("alerts", "webhook.remove")
    .input(z.strictObject({ id }))
    .mutation(({ ctx, input }) => removeWebhook(ctx.app, input.id, ctx.principal)),

  testWebhook: procedure("alerts", "webhook.test")
    .input(z.strictObject({ id: id.nullable() }))
    .mutation(({ ctx, input }) => testWebhook(ctx.app, input.id, ctx.principal)),
});
