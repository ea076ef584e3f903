"use client";

import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "../trpc";
import { QueryError } from "../ui/query-error";
import { DashboardView } from "./dashboard-view";
import { useBuiltIn } from "./use-built-in";

/** The page of a dashboard: a stored one, or one that ships with the product. */
export function DashboardPage({ id }: { id: string }) {
  const builtIn = useBuiltIn().find((one) => one.id === id);
  return builtIn ? (
    <DashboardView name={builtIn.name} content={builtIn.content} about={builtIn.about} stored={null} />
  ) : (
    <StoredDashboard key={id} id={id} />
  );
}

function StoredDashboard({ id }: { id: string }) {
  const t = useTranslations("dashboards");
  const trpc = useTRPC();
  const query = useQuery(trpc.dashboards.get.queryOptions({ id }));
  const { data } = query;
  if (!data) {
    return query.error ? <QueryError query={query} /> : <Skeleton h={320} role="status" aria-label={t("loading")} />;
  }
  const about = data.is_own ? t("yours") : data.owner === null ? t("noOwner") : t("ownedBy", { owner: data.owner });
  return <DashboardView name={data.name} content={data.content} about={about} stored={data} />;
}
