import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Messages } from "@/app/messages";
import { DeadLettersPage } from "@/components/dead-letters/dead-letters-page";
import { Prefetched } from "../prefetched";
import { requireSignIn, type SearchParams } from "../sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("deadLetters") };
}

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/dead-letters", searchParams);
  return (
    <Messages of="(dashboard)/dead-letters/page">
      <Prefetched read={(trpc, client) => [client.prefetchQuery(trpc.deadLetters.groups.queryOptions({}))]}>
        <DeadLettersPage />
      </Prefetched>
    </Messages>
  );
}
