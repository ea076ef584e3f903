"use client";

import { IntlProvider, useLocale, useMessages } from "next-intl";
import { type ComponentProps, useMemo } from "react";
import { mergeMessages } from "@/messages/pick";

type Props = Pick<ComponentProps<typeof IntlProvider>, "messages" | "children">;

/** Provides messages beside those of the providers around it. */
export function AddedMessages({ messages, children }: Props) {
  const around = useMessages();
  const all = useMemo(() => mergeMessages(around, messages ?? {}), [around, messages]);
  return (
    <IntlProvider locale={useLocale()} messages={all}>
      {children}
    </IntlProvider>
  );
}
