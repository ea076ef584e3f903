"use client";

import { useTranslations } from "next-intl";
import { notifyFailed } from "../ui/notify";

/** Returns a function that ends the session and opens the sign-in page. */
export function useSignOut() {
  const t = useTranslations();
  return async () => {
    const response = await fetch("/api/auth/sign-out", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    }).catch(() => null);
    if (response?.ok) window.location.assign("/login");
    else notifyFailed(t("user.signOutFailed"), t("errors.NETWORK"));
  };
}
