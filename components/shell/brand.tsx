import { Group, Text } from "@mantine/core";
import { IconStack2 } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import classes from "./brand.module.css";

/** The logo and name of the console. */
export function Brand({ compact = false }: { compact?: boolean }) {
  const t = useTranslations("app");
  return (
    <Group gap={10} wrap="nowrap">
      <span className={classes.mark}>
        <IconStack2 size={18} stroke={1.9} aria-hidden />
      </span>
      <Text component="span" fw={650} size="sm" truncate visibleFrom={compact ? "sm" : undefined}>
        {t("platform")}
        <Text component="span" inherit fw={400} c="dimmed">
          {" "}
          {t("name")}
        </Text>
      </Text>
    </Group>
  );
}
