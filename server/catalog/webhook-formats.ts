/** Whose messages a webhook can send. */
export const WEBHOOK_FORMATS = ["generic", "slack", "dingtalk", "feishu", "wecom"] as const;

export type WebhookFormat = (typeof WEBHOOK_FORMATS)[number];

/** Those whose messages a secret can sign. */
export const SIGNED_FORMATS: readonly WebhookFormat[] = ["generic", "dingtalk", "feishu"];
