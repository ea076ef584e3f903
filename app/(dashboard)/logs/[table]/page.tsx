import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { Messages } from "@/app/messages";
import { LogPage } from "@/components/logs/log-page";
import { logTableByPath } from "@/server/catalog";
import { requireSignIn, type SearchParams } from "../../sign-in-gate";

interface Props {
  params: Promise<{ table: string }>;
  searchParams: SearchParams;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const table = logTableByPath((await params).table);
  const t = await getTranslations("tables");
  return table ? { title: t(table.name) } : {};
}

export default async function Page({ params, searchParams }: Props) {
  const { table: path } = await params;
  await requireSignIn("/logs/[table]", searchParams, `/logs/${encodeURIComponent(path)}`);
  const table = logTableByPath(path);
  if (!table) notFound();
  return (
    <Messages of="(dashboard)/logs/[table]/page">
      <LogPage key={table.name} tableName={table.name} />
    </Messages>
  );
}
