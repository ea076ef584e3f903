import { type PhraseValues, phrasesOf } from "./phrases";

/**
 * Why a message did not arrive at a webhook. The words are listed here, so that the interface can tell them apart and
 * say them in other languages.
 */
export const WEBHOOK_PROBLEMS = {
  switched_off: "the webhook is switched off",
  private_address: "{host} is a loopback or private address; ALERT_WEBHOOK_ALLOW_PRIVATE=true allows it",
  unknown_host: "the host is not known",
  no_lookup: "the name of the host could not be looked up",
  unreachable: "the host cannot be reached",
  refused: "nothing listens at the address",
  cut: "the connection was cut",
  no_answer: "no answer in {seconds} s",
  tls: "no TLS connection could be made ({code})",
  certificate: "the certificate of the host is not valid ({code})",
  redirect: "HTTP {status}: redirects are not followed",
  status: "HTTP {status}",
  no_code: "the service answered something else than JSON with a code",
  code: "the service answered {code}",
} as const;

export type WebhookProblem = keyof typeof WEBHOOK_PROBLEMS;

const phrases = phrasesOf(WEBHOOK_PROBLEMS, "\\S+");

/** The words of a reason, with `{…}` filled in. */
export function webhookProblemText(problem: WebhookProblem, values?: PhraseValues): string {
  return phrases.say(problem, values);
}

/** The reason and the values behind a delivery's `error`; undefined for other words. */
export function readWebhookProblem(
  text: string,
): { problem: WebhookProblem; values: Readonly<Record<string, string>> } | undefined {
  const found = phrases.read(text);
  return found && { problem: found.key, values: found.values };
}
