import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Messages } from "@/app/messages";
import { TasksPage } from "@/components/schedules/tasks-page";
import { Prefetched } from "../prefetched";
import { requireSignIn, type SearchParams } from "../sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("tasks") };
}

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/schedules", searchParams);
  return (
    <Messages of="(dashboard)/schedules/page">
      <Prefetched read={(trpc, client) => [client.prefetchQuery(trpc.schedules.status.queryOptions())]}>
        <TasksPage />
      </Prefetched>
    </Messages>
  );
}
