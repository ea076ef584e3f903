"use client";

import { useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import { useOnDemand } from "./ui/use-on-demand";

/** The events by which `modals.open` and `modals.openConfirmModal` reach the provider. */
const OPENING = ["mantine-modals:openModal", "mantine-modals:openConfirmModal"];

const load = () => import("@mantine/modals");

/** Shows the dialogs of `@mantine/modals`. Their code is loaded when the first one is opened. */
export function Dialogs() {
  const t = useTranslations("common");
  const waiting = useRef<CustomEvent[]>([]);
  const [loaded, request] = useOnDemand(load);

  useEffect(() => {
    if (loaded) {
      for (const { type, detail } of waiting.current.splice(0)) window.dispatchEvent(new CustomEvent(type, { detail }));
      return;
    }
    const open = (event: Event) => {
      waiting.current = [event as CustomEvent];
      request();
    };
    for (const type of OPENING) window.addEventListener(type, open);
    return () => {
      for (const type of OPENING) window.removeEventListener(type, open);
    };
  }, [loaded, request]);

  if (!loaded) return null;
  return <loaded.ModalsProvider labels={{ confirm: t("yes"), cancel: t("cancel") }}>{null}</loaded.ModalsProvider>;
}
