import type { Metadata } from "next";
import { headers } from "next/headers";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { Messages } from "@/app/messages";
import { SharedFilePage } from "@/components/exports/sharing/shared-file-page";
import { AppError } from "@/server/lib/errors";
import { getContext } from "@/server/process/context";
import { requestOrigin } from "@/server/services/accounts";
import { findShared } from "@/server/services/exports";

interface Props {
  params: Promise<{ token: string }>;
}

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("exports.sharing");
  return { title: t("pageTitle"), referrer: "no-referrer" };
}

/** The page of a share link. It is not the file, so that a preview of the link in a chat downloads nothing. */
export default async function Page({ params }: Props) {
  const { token } = await params;
  const { record, expiresAt } = await find(token);
  return (
    <Messages of="(auth)/shared/[token]/page">
      <SharedFilePage
        href={`/api/shared/${token}`}
        name={record.file_name}
        rows={record.row_count}
        bytes={record.size_bytes}
        expiresAt={expiresAt}
      />
    </Messages>
  );
}

async function find(token: string) {
  try {
    return await findShared(getContext(), token, requestOrigin(await headers()));
  } catch (error) {
    if (error instanceof AppError && error.kind === "NOT_FOUND") notFound();
    throw error;
  }
}
