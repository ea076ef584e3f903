import { useTranslations } from "next-intl";
import { PageMessage } from "@/components/ui/page-message";

export default function NotFound() {
  const t = useTranslations("errors");
  return <PageMessage title={t("notFoundTitle")} hint={t("notFoundHint")} homeLabel={t("toOverview")} />;
}
