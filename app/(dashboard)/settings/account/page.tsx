import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Messages } from "@/app/messages";
import { AccountPage } from "@/components/accounts/account-page";
import { Prefetched } from "../../prefetched";
import { requireSignIn, type SearchParams } from "../../sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("account") };
}

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/settings/account", searchParams);
  return (
    <Messages of="(dashboard)/settings/account/page">
      <Prefetched read={(trpc, client) => [client.prefetchQuery(trpc.account.sessions.queryOptions())]}>
        <AccountPage />
      </Prefetched>
    </Messages>
  );
}
