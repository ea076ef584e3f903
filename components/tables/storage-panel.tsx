"use client";

import { Button, Collapse, Group, Skeleton, Text, Title } from "@mantine/core";
import { IconEraser } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useId, useState } from "react";
import { useOldSince } from "../live/use-old-since";
import { useMay } from "../session";
import { useTRPC } from "../trpc";
import { OldFigures } from "../ui/old-figures";
import { Panel } from "../ui/panel";
import { QueryError } from "../ui/query-error";
import { useNumbers } from "../ui/use-numbers";
import { FreeSpace } from "./free-space";
import { GrowthFacts } from "./growth-facts";
import { StorageBar } from "./storage-bar";
import classes from "./storage-bar.module.css";
import type { StoragePlace } from "./storage-place";

const REFRESH_MS = 60_000;

/** Each disk with what uses it, how it fills, and what to remove. */
export function StoragePanel() {
  const t = useTranslations("storage");
  const trpc = useTRPC();
  const storage = useQuery(trpc.tables.storage.queryOptions(undefined, { refetchInterval: REFRESH_MS }));
  return (
    <Panel p={{ base: "md", sm: "lg" }} aria-labelledby="storage">
      <Title order={2} id="storage" mb="md">
        {t("title")}
      </Title>
      {storage.isPending && <Skeleton h={150} />}
      <QueryError query={storage} mb={storage.data ? "md" : 0} />
      <OldFigures since={useOldSince(storage)} mb="sm">
        {storage.data?.places.map((place) => (
          <PlaceView key={place.place} place={place} />
        ))}
      </OldFigures>
    </Panel>
  );
}

function PlaceView({ place }: { place: StoragePlace }) {
  const t = useTranslations("storage");
  const { bytes } = useNumbers();
  const mayClean = useMay("cleanup");
  const [isOpen, setOpen] = useState(false);
  const formId = useId();
  const { place: name, total_bytes: total, free_bytes: free, parts } = place;
  const known = parts.reduce((sum, part) => sum + part.bytes, 0);
  return (
    <div className={classes.place} data-place={name}>
      <Group justify="space-between" align="flex-start" gap="xs" mb="xs">
        <div>
          <Title order={3}>{t(`places.${name}`)}</Title>
          <Text size="sm" c="dimmed">
            {total === null || free === null
              ? t(`unmeasured.${name}`, { known: bytes(known) })
              : t("used", { used: bytes(total - free), total: bytes(total), free: bytes(free) })}
          </Text>
        </div>
        {mayClean && name !== "elsewhere" && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconEraser size={15} aria-hidden />}
            aria-expanded={isOpen}
            aria-controls={formId}
            onClick={() => setOpen(!isOpen)}
          >
            {t("free.open")}
          </Button>
        )}
      </Group>
      <StorageBar place={place} />
      {place.growth && <GrowthFacts growth={place.growth} hasCapacity={free !== null} hasDatabase={name !== "data"} />}
      <Collapse expanded={isOpen} id={formId}>
        {isOpen && name !== "elsewhere" && <FreeSpace place={name} />}
      </Collapse>
    </div>
  );
}
