import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Messages } from "@/app/messages";
import { RulesPage } from "@/components/intake-rules/rules-page";
import { Prefetched } from "../prefetched";
import { requireSignIn, type SearchParams } from "../sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("intakeRules") };
}

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/intake-rules", searchParams);
  return (
    <Messages of="(dashboard)/intake-rules/page">
      <Prefetched read={(trpc, client) => [client.prefetchQuery(trpc.intakeRules.list.queryOptions())]}>
        <RulesPage />
      </Prefetched>
    </Messages>
  );
}
