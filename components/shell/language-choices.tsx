"use client";

import { Menu } from "@mantine/core";
import { useRouter } from "next/navigation";
import { useLocale } from "next-intl";
import { cloneElement, type ReactElement, useTransition } from "react";
import { LOCALE_COOKIE, LOCALE_NAMES, LOCALES, type Locale } from "@/messages/locales";
import type { MenuProps } from "./menu-button";

const YEAR_SECONDS = 365 * 24 * 3600;

function remember(locale: Locale) {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing over plain http, where consoles run.
  document.cookie = `${LOCALE_COOKIE}=${locale}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
}

export function LanguageChoices({ target, ...state }: MenuProps) {
  const current = useLocale();
  const router = useRouter();
  const [switching, startTransition] = useTransition();
  return (
    <Menu position="bottom-end" width={160} {...state}>
      <Menu.Target>{cloneElement(target as ReactElement<{ loading?: boolean }>, { loading: switching })}</Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup
          value={current}
          onChange={(value) => {
            const chosen = LOCALES.find((locale) => locale === value);
            if (!chosen) return;
            remember(chosen);
            startTransition(() => router.refresh());
          }}
        >
          {LOCALES.map((locale) => (
            <Menu.RadioItem key={locale} value={locale} lang={locale} closeMenuOnClick>
              {LOCALE_NAMES[locale]}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}
