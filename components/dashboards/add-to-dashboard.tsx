"use client";

import { Button, NativeSelect, Skeleton } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconLayoutGridAdd } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import type { ExploreQuestion, ExploreView } from "../explore/state";
import { useExploreText } from "../explore/use-explore-text";
import { useTRPC } from "../trpc";
import { newId } from "../ui/new-id";
import { notifyFailed } from "../ui/notify";
import { QueryError } from "../ui/query-error";
import { useErrorText } from "../ui/use-error-text";
import type { DashboardContent, Panel } from "./dashboard";
import { freePlace } from "./layout";
import { NameInput } from "./name-form";
import { PanelForm } from "./panel-form";
import { questionQuery } from "./panel-question";
import { readable } from "./use-dashboard-actions";

const NEW = "new";
const SIZE = { w: 6, h: 4 };

interface Props {
  question: ExploreQuestion;
  view: ExploreView;
}

/** A button that saves a question as a panel of a new dashboard, or of one that the user may edit. */
export function AddToDashboard(props: Props) {
  const t = useTranslations("dashboards");
  const modalId = "add-to-dashboard";
  const ask = () =>
    modals.open({
      modalId,
      title: t("add"),
      children: <AddForm {...props} onDone={() => modals.close(modalId)} />,
    });
  return (
    <Button variant="default" leftSection={<IconLayoutGridAdd size={16} stroke={1.6} />} onClick={ask}>
      {t("add")}
    </Button>
  );
}

function AddForm({ question, view, onDone }: Props & { onDone: () => void }) {
  const t = useTranslations("dashboards");
  const trpc = useTRPC();
  const router = useRouter();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const list = useQuery(trpc.dashboards.list.queryOptions());
  const text = useExploreText(question.table);
  const [target, setTarget] = useState(NEW);
  const [name, setName] = useState("");
  const outcome = {
    onSuccess: ({ id }: { id: string }) => {
      onDone();
      router.push(`/dashboards/${id}`);
    },
    onError: (error: unknown) => notifyFailed(t("failed"), errorText(error)),
    onSettled: () => queryClient.invalidateQueries(trpc.dashboards.pathFilter()),
  };
  const creating = useMutation(trpc.dashboards.create.mutationOptions(outcome));
  const saving = useMutation(trpc.dashboards.save.mutationOptions(outcome));
  const [isReading, setReading] = useState(false);
  const isNew = target === NEW;

  const submit = async (written: Pick<Panel, "title" | "view">) => {
    const panel = { id: newId(), ...written, query: questionQuery(question) };
    if (isNew) {
      const content = { range: question.range, filter: "", panels: [{ ...panel, x: 0, y: 0, ...SIZE }] };
      return creating.mutate({ name: name.trim(), content });
    }
    setReading(true);
    try {
      // The newest version, so that nobody's change is replaced.
      const options = trpc.dashboards.get.queryOptions({ id: target }, { staleTime: 0 });
      const { id, version, visibility, name: saved, content } = await queryClient.fetchQuery(options);
      saving.mutate({ id, version, visibility, name: saved, content: readable(withPanel(content, panel)) });
    } catch (error) {
      outcome.onError(error);
    } finally {
      setReading(false);
    }
  };

  if (list.isPending) return <Skeleton h={120} />;
  const choices = (list.data ?? []).filter((one) => one.can_edit);
  return (
    <PanelForm
      title={titleOf(question, text)}
      view={view}
      submitLabel={t("add")}
      isSaving={isReading || creating.isPending || saving.isPending}
      isIncomplete={isNew && name.trim() === ""}
      onSubmit={(written) => void submit(written)}
    >
      <QueryError query={list} mb="sm" />
      <NativeSelect
        label={t("dashboard")}
        data={[{ value: NEW, label: t("new") }, ...choices.map((one) => ({ value: one.id, label: one.name }))]}
        value={target}
        onChange={({ currentTarget: { value } }) => setTarget(value)}
      />
      {isNew && <NameInput my="sm" data-autofocus label={t("name")} value={name} onChange={setName} />}
    </PanelForm>
  );
}

/** What the panel displays, as its first title. */
function titleOf({ measures, groups }: ExploreQuestion, { measure, field }: ReturnType<typeof useExploreText>): string {
  return [measures.map(measure).join(", "), ...groups.map(field)].join(" · ");
}

function withPanel(content: DashboardContent, panel: Omit<Panel, "x" | "y" | "w" | "h">): DashboardContent {
  return { ...content, panels: [...content.panels, { ...panel, ...freePlace(content.panels, SIZE.w, SIZE.h) }] };
}
