import { NextIntlClientProvider } from "next-intl";
import { getMessages } from "next-intl/server";
import type { ReactNode } from "react";
import { AddedMessages } from "@/components/added-messages";
import { Dialogs } from "@/components/dialogs";
import { pickMessages } from "@/messages/pick";
import parts from "./message-parts.json" with { type: "json" };

interface Props {
  /** The layout or page that shows the children. */
  of: keyof typeof parts;
  children: ReactNode;
}

/**
 * Sends the messages of a layout or a page, beside those of the layouts around it. Dialogs are part of the page that
 * opens them, so that they have its messages.
 */
export async function Messages({ of, children }: Props) {
  const messages = pickMessages(await getMessages(), parts[of]);
  return of === "layout" ? (
    <NextIntlClientProvider messages={messages}>{children}</NextIntlClientProvider>
  ) : (
    <AddedMessages messages={messages}>
      {children}
      {of.endsWith("/page") && <Dialogs />}
    </AddedMessages>
  );
}
