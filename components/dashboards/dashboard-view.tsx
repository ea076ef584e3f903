"use client";

import { ActionIcon, Button, EmptyState, Group } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconCopy, IconLayoutGridAdd, IconPencil, IconRefresh } from "@tabler/icons-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useMemo, useState } from "react";
import { logTables } from "@/server/catalog";
import { FILTER_PARAMETER } from "@/server/catalog/filter";
import { exploreHref } from "../explore/href";
import { FilterBar } from "../filter-bar/filter-bar";
import type { FilterParameters } from "../filter-bar/filters";
import { TimeRangePicker } from "../time-range/time-range-picker";
import { PageHeader } from "../ui/page-header";
import { Tooltip } from "../ui/tooltip";
import type { Dashboard, DashboardContent, Panel } from "./dashboard";
import { DashboardMenu } from "./dashboard-menu";
import { EditBar } from "./edit-bar";
import { inOrder } from "./layout";
import { PanelForm } from "./panel-form";
import { PanelGrid } from "./panel-grid";
import { filterExpression, filterTable } from "./panel-question";
import { useDashboardActions } from "./use-dashboard-actions";
import { useDashboardView } from "./use-dashboard-view";

interface Props {
  name: string;
  about: string;
  content: DashboardContent;
  /** Null for a dashboard that ships with the product. */
  stored: Dashboard | null;
}

/** A dashboard: one time range and filter bar for all panels, which are rearranged while it is edited. */
export function DashboardView({ name, about, content, stored }: Props) {
  const t = useTranslations("dashboards");
  const common = useTranslations("common");
  const { duplicate } = useDashboardActions();
  const { range, filter, now, refresh, setRange, setFilter } = useDashboardView(content);
  const [draft, setDraft] = useState<{ version: number; panels: Panel[] } | null>(null);
  const saved = useMemo(() => inOrder(content.panels), [content]);
  const panels = draft?.panels ?? saved;
  const table = filterTable(panels);
  const filters = useMemo((): FilterParameters => (filter === "" ? {} : { [FILTER_PARAMETER]: filter }), [filter]);
  const startEditing = () => stored && setDraft({ version: stored.version, panels: saved });

  const rename = (panel: Panel) => {
    const modalId = "dashboard-panel";
    modals.open({
      modalId,
      title: t("editPanel"),
      children: (
        <PanelForm
          title={panel.title}
          view={panel.view}
          submitLabel={t("apply")}
          onSubmit={(change) => {
            modals.close(modalId);
            setDraft(
              (current) =>
                current && {
                  ...current,
                  panels: current.panels.map((one) => (one.id === panel.id ? { ...one, ...change } : one)),
                },
            );
          }}
        />
      ),
    });
  };

  return (
    <>
      <PageHeader title={name} subtitle={about}>
        <TimeRangePicker range={range} onChange={setRange} />
        <Tooltip label={common("refresh")}>
          <ActionIcon variant="default" size={36} aria-label={common("refresh")} onClick={refresh}>
            <IconRefresh size={18} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
        {stored?.can_edit && !draft && (
          <Button variant="default" leftSection={<IconPencil size={16} stroke={1.7} />} onClick={startEditing}>
            {t("edit")}
          </Button>
        )}
        {!stored?.can_edit && (
          <Button
            variant="default"
            leftSection={<IconCopy size={16} stroke={1.7} />}
            onClick={() => duplicate(name, content)}
          >
            {t("duplicate")}
          </Button>
        )}
        <DashboardMenu name={name} content={content} stored={stored} />
      </PageHeader>
      {stored && draft && (
        <EditBar
          stored={stored}
          version={draft.version}
          content={{ range, filter, panels: draft.panels }}
          isChanged={draft.panels !== saved || filter !== content.filter || !isEqual(range, content.range)}
          onDone={() => setDraft(null)}
        />
      )}
      <Group mb="md" grow>
        <FilterBar
          table={table}
          filters={filters}
          range={range}
          onChange={(next) => setFilter(filterExpression(logTables[table], next))}
        />
      </Group>
      {panels.length === 0 ? (
        <EmptyState
          icon={<IconLayoutGridAdd stroke={1.6} />}
          py={56}
          title={t("emptyTitle")}
          description={stored?.can_edit ? t("emptyHint") : undefined}
        >
          {stored?.can_edit && (
            <EmptyState.Actions>
              <Button component={Link} href={exploreHref({})}>
                {t("openExplore")}
              </Button>
            </EmptyState.Actions>
          )}
        </EmptyState>
      ) : (
        <PanelGrid
          panels={panels}
          range={range}
          filter={filter}
          now={now}
          onChange={draft ? (next) => setDraft({ ...draft, panels: next }) : undefined}
          onRename={rename}
        />
      )}
    </>
  );
}

function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
