"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/components/trpc";
import { notifyFailed } from "@/components/ui/notify";
import { useErrorText } from "@/components/ui/use-error-text";
import type { Rule, RuleSet } from "./rules";

/** Saves the changed list of a table, as the next version. */
export function useSaveRules({ table, version }: RuleSet) {
  const t = useTranslations("intakeRules");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const mutation = useMutation(
    trpc.intakeRules.save.mutationOptions({
      onSettled: () => queryClient.invalidateQueries(trpc.intakeRules.pathFilter()),
    }),
  );
  const save = (rules: readonly Rule[], onSuccess?: () => void) =>
    mutation.mutate(
      { table, version, rules: [...rules] },
      {
        onSuccess,
        onError: (error) => notifyFailed(t("saveFailed"), errorText(error)),
      },
    );
  return { save, isSaving: mutation.isPending };
}
