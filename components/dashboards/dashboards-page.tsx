"use client";

import { Badge, Button, FileButton, Skeleton, Text, Title } from "@mantine/core";
import { IconPlus, IconUpload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTimeZone, useTranslations } from "next-intl";
import { type ReactNode, useId } from "react";
import { useTRPC } from "../trpc";
import { PageHeader } from "../ui/page-header";
import { Panel } from "../ui/panel";
import { QueryError } from "../ui/query-error";
import { formatTime } from "../ui/time";
import type { DashboardSummary } from "./dashboard";
import classes from "./dashboards.module.css";
import { useBuiltIn } from "./use-built-in";
import { useDashboardActions } from "./use-dashboard-actions";

/** The list of dashboards: own, shared, and those that ship with the product. */
export function DashboardsPage() {
  const t = useTranslations("dashboards");
  const trpc = useTRPC();
  const { create, importFile } = useDashboardActions();
  const list = useQuery(trpc.dashboards.list.queryOptions());
  const builtIn = useBuiltIn();
  const own = list.data?.filter((one) => one.is_own) ?? [];
  const shared = list.data?.filter((one) => !one.is_own) ?? [];
  return (
    <>
      <PageHeader title={t("title")} subtitle={t("subtitle")}>
        <FileButton onChange={(file) => void importFile(file)} accept="application/json,.json">
          {(props) => (
            <Button {...props} variant="default" leftSection={<IconUpload size={16} stroke={1.7} />}>
              {t("import")}
            </Button>
          )}
        </FileButton>
        <Button leftSection={<IconPlus size={16} />} onClick={create}>
          {t("new")}
        </Button>
      </PageHeader>
      <QueryError query={list} mb="lg" />
      {list.isPending && <Skeleton h={80} mb="lg" role="status" aria-label={t("loading")} />}
      {list.data && (
        <Section title={t("mine")}>
          {own.length === 0 ? (
            <Text c="dimmed" size="sm" mb="lg">
              {t("noneOwn")}
            </Text>
          ) : (
            <ul className={classes.list}>
              {own.map((one) => (
                <Stored key={one.id} dashboard={one} />
              ))}
            </ul>
          )}
        </Section>
      )}
      {shared.length > 0 && (
        <Section title={t("shared")}>
          <ul className={classes.list}>
            {shared.map((one) => (
              <Stored key={one.id} dashboard={one} />
            ))}
          </ul>
        </Section>
      )}
      <Section title={t("builtInTitle")}>
        <ul className={classes.list}>
          {builtIn.map(({ id, name, about }) => (
            <Item key={id} id={id} name={name}>
              {about}
            </Item>
          ))}
        </ul>
      </Section>
    </>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <Title order={2} size="h4" mb="sm" id={id}>
        {title}
      </Title>
      {children}
    </section>
  );
}

function Stored({ dashboard }: { dashboard: DashboardSummary }) {
  const t = useTranslations("dashboards");
  const timeZone = useTimeZone() ?? "UTC";
  const { id, name, visibility, is_shared, is_own, owner, panel_count, updated_at, updated_by } = dashboard;
  const owned = is_own ? "" : `${owner === null ? t("noOwner") : t("ownedBy", { owner })} · `;
  const badge =
    visibility !== "private" ? t(`visibility.${visibility}`) : is_shared && is_own ? t("sharing.badge") : undefined;
  const time = formatTime(updated_at, timeZone).slice(0, 16);
  return (
    <Item id={id} name={name} badge={badge}>
      {owned}
      {t("about", { count: panel_count, time, name: updated_by })}
    </Item>
  );
}

interface ItemProps {
  id: string;
  name: string;
  badge?: string;
  children: ReactNode;
}

function Item({ id, name, badge, children }: ItemProps) {
  return (
    <li>
      <Panel className={classes.item} h="100%">
        <Link href={`/dashboards/${id}`} className={classes.link}>
          <span className={classes.name}>{name}</span>
          <Text size="sm" c="dimmed">
            {children}
          </Text>
        </Link>
        {badge && (
          <Badge variant="light" size="sm">
            {badge}
          </Badge>
        )}
      </Panel>
    </li>
  );
}
