import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Messages } from "@/app/messages";
import { UsersPage } from "@/components/accounts/users-page";
import { Prefetched } from "../../prefetched";
import { requireSignIn, type SearchParams } from "../../sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("users") };
}

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/settings/users", searchParams);
  return (
    <Messages of="(dashboard)/settings/users/page">
      <Prefetched read={(trpc, client) => [client.prefetchQuery(trpc.users.list.queryOptions())]}>
        <UsersPage />
      </Prefetched>
    </Messages>
  );
}
