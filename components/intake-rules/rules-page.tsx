"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/components/trpc";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { QueryError } from "@/components/ui/query-error";
import { RowsSkeleton } from "@/components/ui/rows-skeleton";
import { RulesPanel } from "./rules-panel";

/** The rules that events of each log table pass before they are stored. */
export function RulesPage() {
  const t = useTranslations("intakeRules");
  const trpc = useTRPC();
  const sets = useQuery(trpc.intakeRules.list.queryOptions());
  return (
    <>
      <PageHeader title={t("title")} subtitle={t("subtitle")} />
      {sets.isPending && (
        <Panel pt="md">
          <RowsSkeleton />
        </Panel>
      )}
      {!sets.data && <QueryError query={sets} />}
      {sets.data?.items.map((set) => (
        <RulesPanel key={set.table} set={set} />
      ))}
    </>
  );
}
