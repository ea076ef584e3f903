import { useTranslations } from "next-intl";
import { PageMessage } from "@/components/ui/page-message";

export default function Forbidden() {
  const t = useTranslations("errors");
  return <PageMessage title={t("forbiddenTitle")} hint={t("forbiddenHint")} homeLabel={t("toOverview")} isInside />;
}
