"use client";

import { Alert, Button, PasswordInput, Stack } from "@mantine/core";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { passwordProblem } from "../accounts/password-problem";
import { applyLink } from "./password-link";
import { signIn } from "./sign-in";

/** Sets the password and signs in with it. */
export function SetPasswordForm({ token, email }: { token: string; email: string }) {
  const t = useTranslations("setPassword");
  const tAccount = useTranslations("account");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const [sent, setSent] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<"notValid" | "unreachable" | "refused" | null>(null);
  const fault = passwordProblem({ next, again });

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setSent(true);
    if (fault) return;
    setBusy(true);
    const { outcome } = await applyLink(token, next);
    if (outcome === "done") {
      const signedIn = await signIn(email, next);
      window.location.assign(signedIn.outcome === "signed_in" ? "/" : "/login");
      return;
    }
    setBusy(false);
    setFailure(outcome === "not_valid" ? "notValid" : outcome);
  };
  return (
    <form onSubmit={submit} method="post" noValidate>
      <Stack gap="md">
        {failure && (
          <Alert color="red" variant="light" role="alert">
            {t(failure)}
          </Alert>
        )}
        <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
        <PasswordInput
          label={tAccount("next")}
          description={tAccount("nextHint")}
          autoComplete="new-password"
          size="md"
          maxLength={128}
          value={next}
          autoFocus
          error={sent && fault?.field === "next" ? tAccount(fault.problem) : undefined}
          onChange={(event) => setNext(event.currentTarget.value)}
        />
        <PasswordInput
          label={tAccount("again")}
          autoComplete="new-password"
          size="md"
          maxLength={128}
          value={again}
          error={sent && fault?.field === "again" ? tAccount(fault.problem) : undefined}
          onChange={(event) => setAgain(event.currentTarget.value)}
        />
        <Button type="submit" size="md" fullWidth loading={busy}>
          {t("submit")}
        </Button>
      </Stack>
    </form>
  );
}
