"use client";

import { Box, Group, Paper, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { Brand } from "../shell/brand";
import { ColorSchemeMenu } from "../shell/color-scheme-menu";
import { LanguageMenu } from "../shell/language-menu";
import classes from "./sign-in-page.module.css";

interface Props {
  title: string;
  subtitle?: string;
  hint?: string;
  children: ReactNode;
}

/** The layout of pages for users who are not signed in. */
export function AuthPage({ title, subtitle, hint, children }: Props) {
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
            <Title order={1}>{title}</Title>
            {subtitle && (
              <Text c="dimmed" size="sm">
                {subtitle}
              </Text>
            )}
          </Stack>
          {children}
        </Paper>
        {hint && (
          <Text c="dimmed" size="xs" ta="center" maw={380} px="md">
            {hint}
          </Text>
        )}
      </Box>
    </Box>
  );
}
