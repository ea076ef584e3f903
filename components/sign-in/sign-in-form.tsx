"use client";

import { Alert, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useMounted } from "@mantine/hooks";
import { IconAlertCircle } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useDuration } from "../ui/use-duration";
import { type SignInResult, signIn } from "./sign-in";
import { useCountdown } from "./use-countdown";

type Failure = Exclude<SignInResult["outcome"], "signed_in">;

export function SignInForm({ next }: { next: string }) {
  const t = useTranslations("signIn");
  const router = useRouter();
  const queryClient = useQueryClient();
  const duration = useDuration();
  // Before hydration, the browser would submit the form itself and lose the input.
  const ready = useMounted();
  const [missing, setMissing] = useState({ email: false, password: false });
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const [wait, startWait] = useCountdown();
  const passwordRef = useRef<HTMLInputElement>(null);
  // Loads the code of the first page while the user types the password.
  useEffect(() => void import("../overview/overview-page"), []);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const email = String(form.get("email")).trim();
    const password = String(form.get("password"));
    setMissing({ email: email === "", password: password === "" });
    if (email === "" || password === "") return;

    setBusy(true);
    const result = await signIn(email, password);
    if (result.outcome === "signed_in") {
      // Removes data of earlier sessions from memory.
      queryClient.clear();
      router.replace(next);
      router.refresh();
      return;
    }
    setBusy(false);
    setFailure(result.outcome);
    if (result.outcome === "too_many") startWait(result.seconds);
    if (result.outcome === "wrong") passwordRef.current?.select();
  };

  const messages = {
    wrong: () => t("wrong"),
    too_many: () => (wait > 0 ? t("tooMany", { wait: duration(wait) }) : t("tooManyOver")),
    unavailable: () => t("unavailable"),
    unreachable: () => t("unreachable"),
  } satisfies Record<Failure, () => string>;

  return (
    <form onSubmit={submit} method="post" noValidate>
      <Stack gap="md">
        {failure && (
          <Alert
            color={failure === "too_many" && wait === 0 ? "gray" : "red"}
            variant="light"
            icon={<IconAlertCircle aria-hidden />}
            role="alert"
            // Announced once, rather than every second of the countdown.
            aria-live={failure === "too_many" ? "off" : "assertive"}
          >
            {messages[failure]()}
          </Alert>
        )}
        <TextInput
          name="email"
          type="email"
          label={t("email")}
          autoComplete="username"
          labelProps={{ fz: "sm" }}
          inputMode="email"
          size="md"
          autoFocus
          error={missing.email && t("emailRequired")}
        />
        <PasswordInput
          ref={passwordRef}
          name="password"
          label={t("password")}
          autoComplete="current-password"
          labelProps={{ fz: "sm" }}
          size="md"
          error={missing.password && t("passwordRequired")}
        />
        <Button type="submit" size="md" fullWidth loading={busy} disabled={!ready || wait > 0}>
          {t("submit")}
        </Button>
      </Stack>
    </form>
  );
}
