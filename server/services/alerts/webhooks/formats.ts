import { createHmac } from "node:crypto";
import type { Locale } from "@/messages/locales";
import { type ErrorValue, errorValue } from "@/server/catalog/errors";
import type { WebhookFormat } from "@/server/catalog/webhook-formats";
import { alertMessage, noticeTitle, testMessage } from "../text";
import type { Notice, NoticeEvent } from "../types";

/** The message to send. */
export interface Message {
  readonly event: NoticeEvent;
  readonly notice: Notice;
  /** The console's URL. */
  readonly appUrl: string;
  readonly locale: Locale;
  /** Identifies the delivery; unchanged for retries. */
  readonly id: string;
  readonly sentAt: Date;
}

export interface Outgoing {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Builds the HTTP request for `message` in the format of its service. */
export function composeRequest(
  target: { readonly url: string; readonly format: WebhookFormat; readonly secret: string | null },
  message: Message,
): Outgoing {
  const { event, notice, appUrl, locale, sentAt } = message;
  const title = noticeTitle(event, notice, locale);
  const text = event === "test" ? testMessage(locale) : alertMessage(notice, locale);
  const link = `${appUrl}/alerts`;
  const json = (body: object, url = target.url, headers: Record<string, string> = {}): Outgoing => ({
    url,
    body: JSON.stringify(body),
    headers: {
      "Content-Type": "application/json; charset=utf-8",
      "User-Agent": "lawsker-batch-console",
      // A message may be sent twice; chat services reject a body with an id field.
      "Idempotency-Key": message.id,
      ...headers,
    },
  });
  switch (target.format) {
    case "generic": {
      const { rule, subject, severity, value, threshold, since } = notice;
      const outgoing = json({
        id: message.id,
        event,
        title,
        message: text,
        alert: { rule, subject, severity, value, threshold, since },
        url: link,
        sent_at: sentAt.toISOString(),
      });
      if (target.secret === null) return outgoing;
      const signature = createHmac("sha256", target.secret).update(outgoing.body).digest("hex");
      return { ...outgoing, headers: { ...outgoing.headers, "X-Signature-256": `sha256=${signature}` } };
    }
    case "slack":
      return json({ text: `*${slackText(title)}*\n${slackText(text)}\n<${link}>` });
    case "dingtalk":
      return json(
        { msgtype: "markdown", markdown: { title, text: `### ${title}\n\n${text}\n\n[${link}](${link})` } },
        dingtalkUrl(target.url, target.secret, sentAt),
      );
    case "feishu":
      return json({
        ...feishuSignature(target.secret, sentAt),
        msg_type: "text",
        content: { text: `${title}\n${text}\n${link}` },
      });
    case "wecom":
      return json({ msgtype: "markdown", markdown: { content: `**${title}**\n${text}\n[${link}](${link})` } });
    default:
      return target.format satisfies never;
  }
}

/** https://api.slack.com/reference/surfaces/formatting#escaping */
function slackText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** https://open.dingtalk.com/document/robots/customize-robot-security-settings */
function dingtalkUrl(url: string, secret: string | null, at: Date): string {
  if (secret === null) return url;
  const signed = new URL(url);
  const timestamp = String(at.getTime());
  signed.searchParams.set("timestamp", timestamp);
  signed.searchParams.set("sign", createHmac("sha256", secret).update(`${timestamp}\n${secret}`).digest("base64"));
  return signed.href;
}

/**
 * https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot: the secret is part of the key, and the signed text
 * is empty.
 */
function feishuSignature(secret: string | null, at: Date): { timestamp?: string; sign?: string } {
  if (secret === null) return {};
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  return { timestamp, sign: createHmac("sha256", `${timestamp}\n${secret}`).update("").digest("base64") };
}

/**
 * Returns why a service rejected a message; null on success. DingTalk, Feishu and WeCom respond to rejected messages
 * with 200 and an error in the body.
 */
export function refusalOf(format: WebhookFormat, status: number, body: string): ErrorValue | null {
  if (status < 200 || status >= 300) {
    return errorValue(status >= 300 && status < 400 ? "webhook.redirect" : "webhook.status", { status });
  }
  if (format === "generic" || format === "slack") return null;
  const code = codeOf(body);
  if (code === 0) return null;
  return code === undefined ? errorValue("webhook.no_code", {}) : errorValue("webhook.code", { code: String(code) });
}

function codeOf(body: string): number | undefined {
  try {
    const answer: unknown = JSON.parse(body);
    if (typeof answer !== "object" || answer === null) return undefined;
    const codes = ["errcode", "code", "StatusCode"].map((name) => Reflect.get(answer, name) as unknown);
    return codes.find((code): code is number => typeof code === "number");
  } catch {
    return undefined;
  }
}
