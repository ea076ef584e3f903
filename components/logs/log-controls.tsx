"use client";

import { ActionIcon, Badge, Button, Switch, Tooltip } from "@mantine/core";
import { IconFilter, IconRefresh } from "@tabler/icons-react";
import { useFormatter, useTranslations } from "next-intl";

interface Props {
  live: boolean;
  canBeLive: boolean;
  onLive: (on: boolean) => void;
  onRefresh: () => void;
  refreshing: boolean;
  filtersOpened: boolean;
  filterCount: number;
  onFilters: () => void;
}

export function LogControls(props: Props) {
  const t = useTranslations();
  const format = useFormatter();
  const { live, canBeLive, filterCount, filtersOpened } = props;
  return (
    <>
      <Tooltip label={canBeLive ? t("logs.liveHint") : t("logs.liveFirstPage")}>
        <Switch
          label={t("logs.live")}
          checked={live}
          disabled={!canBeLive}
          onChange={(event) => props.onLive(event.currentTarget.checked)}
          mr="xs"
        />
      </Tooltip>
      <ActionIcon
        variant="default"
        size={36}
        aria-label={t("common.refresh")}
        loading={props.refreshing}
        onClick={props.onRefresh}
      >
        <IconRefresh size={18} stroke={1.6} />
      </ActionIcon>
      <Button
        variant="default"
        leftSection={<IconFilter size={16} stroke={1.6} />}
        rightSection={
          filterCount > 0 && (
            <Badge size="sm" circle>
              {format.number(filterCount)}
            </Badge>
          )
        }
        aria-expanded={filtersOpened}
        onClick={props.onFilters}
      >
        {t("logs.filters")}
      </Button>
    </>
  );
}
