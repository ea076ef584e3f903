"use client";

import { Button, NativeSelect } from "@mantine/core";
import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import { PANEL_VIEWS, type PanelView } from "@/server/catalog/dashboards";
import { NameInput } from "./name-form";

const MAX_TITLE = 200;

interface Props {
  title: string;
  view: PanelView;
  submitLabel: string;
  isSaving?: boolean;
  /** Whether other fields of the form are incomplete. */
  isIncomplete?: boolean;
  /** Fields above those of the panel. */
  children?: ReactNode;
  onSubmit: (change: { title: string; view: PanelView }) => void;
}

/** The form for the title of a panel and how it displays its answer. */
export function PanelForm(props: Props) {
  const { submitLabel, isSaving = false, isIncomplete = false, children, onSubmit } = props;
  const t = useTranslations("dashboards");
  const [title, setTitle] = useState(() => props.title.slice(0, MAX_TITLE));
  const [view, setView] = useState(props.view);
  const canSubmit = title.trim() !== "" && !isIncomplete;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (canSubmit) onSubmit({ title: title.trim(), view });
      }}
    >
      {children}
      <NameInput
        label={t("panelTitle")}
        value={title}
        maxLength={MAX_TITLE}
        data-autofocus={children ? undefined : true}
        onChange={setTitle}
      />
      <NativeSelect
        mt="sm"
        label={t("display")}
        data={PANEL_VIEWS.map((value) => ({ value, label: t(`views.${value}`) }))}
        value={view}
        onChange={({ currentTarget: { value } }) => setView(PANEL_VIEWS.find((known) => known === value) ?? "auto")}
      />
      <Button mt="md" fullWidth type="submit" loading={isSaving} disabled={!canSubmit}>
        {submitLabel}
      </Button>
    </form>
  );
}
