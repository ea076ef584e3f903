"use client";

import { Box, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useTranslations } from "next-intl";
import { Brand } from "../shell/brand";
import { ColorSchemeMenu } from "../shell/color-scheme-menu";
import { LanguageMenu } from "../shell/language-menu";
import { SignInForm } from "./sign-in-form";
import classes from "./sign-in-page.module.css";

/** The one page for those who are not signed in. `next`: the path to go to afterwards. */
export function SignInPage({ next }: { next: string }) {
  const t = useTranslations("signIn");
  return (
    <Box className={classes.page}>
      <Group component="header" justify="space-between" px="md" h={56}>
        <Brand />
        <Group gap={4}>
          <LanguageMenu />
          <ColorSchemeMenu />
        </Group>
      </Group>
      <Box component="main" className={classes.main}>
        <Paper withBorder bg="var(--app-surface)" radius="lg" className={classes.card}>
          <Stack gap={4} mb="lg">
            <Title order={1}>{t("title")}</Title>
            <Text c="dimmed" size="sm">
              {t("subtitle")}
            </Text>
          </Stack>
          <SignInForm next={next} />
        </Paper>
        <Text c="dimmed" size="xs" ta="center" maw={380} px="md">
          {t("hint")}
        </Text>
      </Box>
    </Box>
  );
}
