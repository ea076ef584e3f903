"use client";

import { Alert, Button, Skeleton, Stack } from "@mantine/core";
import { IconLinkOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { AuthPage } from "./auth-page";
import { findLinkOwner } from "./password-link";
import { SetPasswordForm } from "./set-password-form";

/** The page of a password link: shows the user's email and the form for the new password. */
export function SetPasswordPage() {
  const t = useTranslations("setPassword");
  const [token, setToken] = useState<string | null>(null);
  useEffect(() => {
    const read = () => setToken(window.location.hash.slice(1));
    read();
    window.addEventListener("hashchange", read);
    return () => window.removeEventListener("hashchange", read);
  }, []);
  const link = useQuery({
    queryKey: ["password-link", token],
    queryFn: () => findLinkOwner(token ?? ""),
    enabled: token !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const found = link.data?.outcome === "found" ? link.data : null;
  return (
    <AuthPage
      title={t("title")}
      subtitle={found ? t("subtitleFor", { email: found.email }) : t("subtitle")}
      hint={t("hint")}
    >
      {link.isPending && <Skeleton h={220} />}
      {found && token && <SetPasswordForm token={token} email={found.email} />}
      {link.data && !found && (
        <Stack>
          <Alert color="red" variant="light" icon={<IconLinkOff aria-hidden />} role="alert">
            {t(link.data.outcome === "not_valid" ? "notValid" : "unreachable")}
          </Alert>
          {link.data.outcome === "not_valid" ? (
            <Button component={Link} href="/login" variant="default">
              {t("toSignIn")}
            </Button>
          ) : (
            <Button variant="default" loading={link.isFetching} onClick={() => link.refetch()}>
              {t("retry")}
            </Button>
          )}
        </Stack>
      )}
    </AuthPage>
  );
}
