"use client";

import { Button, Group, Select, TextInput } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { PANEL_VIEWS, type PanelView } from "@/server/catalog/dashboards";

interface Props {
  title: string;
  view: PanelView;
  onSubmit: (change: { title: string; view: PanelView }) => void;
}

/** The form for the title of a panel and how it displays its answer. */
export function PanelForm({ title: initialTitle, view: initialView, onSubmit }: Props) {
  const t = useTranslations("dashboards");
  const [title, setTitle] = useState(initialTitle);
  const [view, setView] = useState(initialView);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (title.trim() !== "") onSubmit({ title: title.trim(), view });
      }}
    >
      <TextInput
        data-autofocus
        label={t("panelTitle")}
        value={title}
        maxLength={200}
        autoComplete="off"
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      <Select
        mt="sm"
        label={t("display")}
        data={PANEL_VIEWS.map((value) => ({ value, label: t(`views.${value}`) }))}
        value={view}
        allowDeselect={false}
        onChange={(value) => setView(PANEL_VIEWS.find((known) => known === value) ?? "auto")}
      />
      <Group justify="flex-end" mt="md">
        <Button type="submit" disabled={title.trim() === ""}>
          {t("apply")}
        </Button>
      </Group>
    </form>
  );
}
