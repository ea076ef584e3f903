"use client";

import { Button, Group, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "../trpc";
import { QueryError } from "../ui/query-error";

/** Chooses the new owner of a dashboard. */
export function OwnerForm({ onSubmit }: { onSubmit: (id: string) => void }) {
  const t = useTranslations("dashboards");
  const trpc = useTRPC();
  const users = useQuery(trpc.users.list.queryOptions());
  const [id, setId] = useState<string | null>(null);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (id !== null) onSubmit(id);
      }}
    >
      <QueryError query={users} mb="sm" />
      <Select
        data-autofocus
        searchable
        label={t("owner")}
        data={(users.data ?? []).map((user) => ({ value: user.id, label: user.email }))}
        value={id}
        onChange={setId}
      />
      <Group justify="flex-end" mt="md">
        <Button type="submit" disabled={id === null}>
          {t("save")}
        </Button>
      </Group>
    </form>
  );
}
