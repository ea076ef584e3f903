"use client";

import { ActionIcon, Menu, Text } from "@mantine/core";
import { IconDots, IconExternalLink, IconGripVertical, IconPencil, IconTrash } from "@tabler/icons-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo } from "react";
import { AnswerView } from "../explore/explore-result";
import { exploreHref } from "../explore/href";
import { useAnswer } from "../explore/result/use-answer";
import type { TimeRange } from "../time-range/range";
import { Panel as Surface } from "../ui/panel";
import { Tooltip } from "../ui/tooltip";
import type { Panel, PanelQuery } from "./dashboard";
import classes from "./dashboards.module.css";
import type { Place } from "./layout";
import { exploreView, panelQuestion } from "./panel-question";

/** The height of the title and paddings. */
const FRAME = 72;

interface Props {
  panel: Panel;
  range: TimeRange;
  filter: string;
  now: number;
  /** The height of the panel in pixels. */
  height: number;
  /** Whether the query may run: a few of a dashboard run at once. */
  isDue: boolean;
  onSettled: (id: string) => void;
  /** Undefined unless the dashboard is edited. */
  edit?: {
    readonly onDrag: (event: PointerEvent<HTMLElement>, id: string, kind: "move" | "resize") => void;
    readonly onPlace: (id: string, change: Partial<Omit<Place, "id">>) => void;
    readonly onRename: (panel: Panel) => void;
    readonly onRemove: (panel: Panel) => void;
  };
}

/** A panel with the answer to its query, or the reason why there is none. */
export function PanelCard({ panel, range, filter, edit, ...rest }: Props) {
  const t = useTranslations("dashboards");
  const { id, title, view, query, x, y, w, h } = panel;
  const question = useMemo(() => query && panelQuestion(query, range, filter), [query, range, filter]);

  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step || !edit) return;
    event.preventDefault();
    const [right = 0, down = 0] = step;
    edit.onPlace(id, event.shiftKey ? { w: w + right, h: h + down } : { x: x + right, y: y + down });
  };

  return (
    <Surface className={classes.card} aria-label={title}>
      <div className={classes.head}>
        {edit && (
          <Tooltip label={t("moveHint")}>
            <ActionIcon
              variant="subtle"
              color="gray"
              className={classes.handle}
              aria-label={t("move", { title })}
              onPointerDown={(event) => edit.onDrag(event, id, "move")}
              onKeyDown={onKey}
            >
              <IconGripVertical size={17} />
            </ActionIcon>
          </Tooltip>
        )}
        <Text component="h2" fw={600} size="sm" truncate flex={1} title={title}>
          {title}
        </Text>
        {(edit || question) && (
          <Menu position="bottom-end" shadow="md">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" aria-label={t("panelActions", { title })}>
                <IconDots size={17} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {question && (
                <Menu.Item
                  component={Link}
                  href={exploreHref(question, exploreView(view))}
                  leftSection={<IconExternalLink size={15} />}
                >
                  {t("openInExplore")}
                </Menu.Item>
              )}
              {edit && (
                <>
                  <Menu.Item leftSection={<IconPencil size={15} />} onClick={() => edit.onRename(panel)}>
                    {t("editPanel")}
                  </Menu.Item>
                  <Menu.Item
                    c="var(--app-bad)"
                    leftSection={<IconTrash size={15} />}
                    onClick={() => edit.onRemove(panel)}
                  >
                    {t("removePanel")}
                  </Menu.Item>
                </>
              )}
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
      <div className={classes.body}>
        {query && question ? (
          <Answer {...rest} panel={{ ...panel, query }} question={question} />
        ) : (
          <Text c="dimmed" size="sm">
            {t("unreadable")}
          </Text>
        )}
      </div>
      {edit && (
        <div className={classes.corner} aria-hidden onPointerDown={(event) => edit.onDrag(event, id, "resize")} />
      )}
    </Surface>
  );
}

type AnswerProps = Pick<Props, "now" | "height" | "isDue" | "onSettled"> & {
  panel: Panel & { query: PanelQuery };
  question: ReturnType<typeof panelQuestion>;
};

function Answer({ panel: { id, view }, question, now, height, isDue, onSettled }: AnswerProps) {
  const answer = useAnswer(question, now, isDue);
  const isDone = answer.isStopped || (!answer.isFetching && (answer.isError || answer.isSuccess));
  useEffect(() => {
    if (isDue && isDone) onSettled(id);
  }, [isDue, isDone, onSettled, id]);
  return (
    <AnswerView
      query={question}
      view={exploreView(view)}
      now={now}
      answer={answer}
      height={Math.max(120, height - FRAME)}
      withTable={false}
    />
  );
}
