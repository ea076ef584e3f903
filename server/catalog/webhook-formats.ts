/** Services whose message format webhooks support. */
export const WEBHOOK_FORMATS = ["generic", "slack", "dingtalk", "feishu", "wecom"] as const;

export type WebhookFormat = (typeof WEBHOOK_FORMATS)[number];

/** Formats that support signatures. */
export const SIGNED_FORMATS: readonly WebhookFormat[] = ["generic", "dingtalk", "feishu"];
