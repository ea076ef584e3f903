"use client";

import { Menu, Text } from "@mantine/core";
import {
  IconArrowLeft,
  IconChartBar,
  IconFilter,
  IconFilterX,
  IconHistory,
  IconList,
  IconTimeline,
  IconZoomIn,
  IconZoomQuestion,
} from "@tabler/icons-react";
import Link from "next/link";
import { useTimeZone, useTranslations } from "next-intl";
import { useState } from "react";
import { type Bounds, rangeBetween } from "../../time-range/bounds";
import { isSubject, timelineHref } from "../../timeline/timeline-href";
import { formatTime } from "../../ui/time";
import { windowOf } from "../changes/changes-window";
import { changesHref } from "../changes/finding-links";
import { chipsOf, filteredFor, filteredOut, groupedFurther, hasRows, type Place, rowsHref, windowsOf } from "../drill";
import { groupFields } from "../fields";
import { exploreHref } from "../href";
import type { ExploreQuestion } from "../state";
import type { ExploreAnswer } from "../types";
import { useExploreText } from "../use-explore-text";
import classes from "./explore-result.module.css";

/** The latest windows of an hour of the week; others are reached by the time range. */
const MAX_WINDOWS = 5;

/** An opened menu: its place, and where on the screen. */
export interface Opened {
  readonly place: Place;
  readonly title: string;
  readonly x: number;
  readonly y: number;
  /** The groups at the place, each with its own menu. */
  readonly parts?: readonly { readonly label: string; readonly menu: Opened }[];
}

/** Opens the menu of a place below the element that was clicked, or at the pointer. */
export type OpenMenu = (opened: Opened) => void;

/** Returns the place below an element. */
export function below(element: Element): { x: number; y: number } {
  const { left, bottom, width } = element.getBoundingClientRect();
  return { x: left + Math.min(width / 2, 40), y: bottom };
}

interface Props {
  opened: Opened | null;
  onOpen: OpenMenu;
  onClose: () => void;
  question: ExploreQuestion;
  answer: ExploreAnswer;
  /** Undefined where the question cannot be changed: the items are links to Explore. */
  onChange?: (next: ExploreQuestion) => void;
  /** Opens what changed in a window; undefined where the item is a link to Explore. */
  onChanges?: (window: Bounds) => void;
}

/** What can be done with a bar, point or cell: filter by it, open its rows, zoom in, or group them further. */
export function ValueMenu({ opened, onOpen, onClose, question, answer, onChange, onChanges }: Props) {
  const t = useTranslations("explore.menu");
  const changes = useTranslations("changes");
  const text = useExploreText(question.table);
  const timeZone = useTimeZone() ?? "UTC";
  const [isGrouping, setIsGrouping] = useState(false);
  if (!opened) return null;
  const { place, title } = opened;
  const chips = chipsOf(question, place);
  const out = filteredOut(question, place);
  const windows = windowsOf(question, place, answer, timeZone);
  const canOpen = hasRows(question, place);
  const close = () => {
    setIsGrouping(false);
    onClose();
  };
  const item = (key: string, label: string, icon: React.ReactNode, next: ExploreQuestion) =>
    onChange ? (
      <Menu.Item key={key} leftSection={icon} onClick={() => onChange(next)}>
        {label}
      </Menu.Item>
    ) : (
      <Menu.Item key={key} leftSection={icon} component={Link} href={exploreHref(next)} prefetch={false}>
        {label}
      </Menu.Item>
    );
  const rowsItem = (key: string, label: string, href: string, Icon = IconList) => (
    <Menu.Item key={key} leftSection={<Icon size={15} />} component={Link} prefetch={false} href={href}>
      {label}
    </Menu.Item>
  );
  const zoomed =
    place.time !== null && windows?.[0] ? { ...question, range: rangeBetween(windows[0], timeZone) } : undefined;
  const explained = place.time !== null && windows?.[0] ? within(windows[0], answer) : null;
  const further = groupFields(question.table).filter((field) => !question.groups.includes(field));

  return (
    <Menu opened onClose={close} withinPortal position="bottom-start" shadow="md" width={260} returnFocus trapFocus>
      <Menu.Target>
        <span className={classes.anchor} style={{ left: opened.x, top: opened.y }} />
      </Menu.Target>
      <Menu.Dropdown aria-label={t("label", { name: title })} mah={360} style={{ overflowY: "auto" }}>
        {isGrouping ? (
          <>
            <Menu.Item
              leftSection={<IconArrowLeft size={15} />}
              closeMenuOnClick={false}
              onClick={() => setIsGrouping(false)}
            >
              {t("back")}
            </Menu.Item>
            <Menu.Divider />
            {further.map((field) =>
              item(field, text.field(field), null, groupedFurther(question, chips ?? [], field, zoomed?.range)),
            )}
          </>
        ) : (
          <>
            <Menu.Label>
              <Text size="xs" lineClamp={3} style={{ overflowWrap: "anywhere" }}>
                {title}
              </Text>
            </Menu.Label>
            {opened.parts && (
              <>
                {opened.parts.map(({ label, menu }) => (
                  <Menu.Item key={menu.title} closeMenuOnClick={false} onClick={() => onOpen(menu)}>
                    <Text size="sm" lineClamp={2} style={{ overflowWrap: "anywhere" }}>
                      {label}
                    </Text>
                  </Menu.Item>
                ))}
                <Menu.Divider />
              </>
            )}
            {chips && item("for", t("for"), <IconFilter size={15} />, filteredFor(question, chips))}
            {out && item("out", t("out"), <IconFilterX size={15} />, out)}
            {zoomed && item("zoom", t("zoom"), <IconZoomIn size={15} />, zoomed)}
            {explained &&
              (onChanges ? (
                <Menu.Item leftSection={<IconZoomQuestion size={15} />} onClick={() => onChanges(explained)}>
                  {changes("here")}
                </Menu.Item>
              ) : (
                <Menu.Item
                  leftSection={<IconZoomQuestion size={15} />}
                  component={Link}
                  prefetch={false}
                  href={changesHref(question, windowOf(explained, Date.now()))}
                >
                  {changes("here")}
                </Menu.Item>
              ))}
            {canOpen &&
              (windows === null || place.time !== null) &&
              rowsItem("rows", t("rows"), rowsHref(question, chips ?? [], answer, windows?.[0] ?? null, timeZone))}
            {canOpen &&
              place.time === null &&
              windows
                ?.slice(0, MAX_WINDOWS)
                .map((window) =>
                  rowsItem(
                    String(window.from),
                    t("rowsAt", { time: formatTime(new Date(window.from).toISOString(), timeZone).slice(0, 16) }),
                    rowsHref(question, chips ?? [], answer, window, timeZone),
                  ),
                )}
            {canOpen &&
              windows === null &&
              answer.before_start !== null &&
              rowsItem(
                "before",
                t("rowsBefore"),
                rowsHref(
                  question,
                  chips ?? [],
                  { ...answer, start: answer.before_start, end: answer.start },
                  null,
                  timeZone,
                ),
                IconHistory,
              )}
            {question.groups.flatMap((group, index) => {
              const value = place.groups?.[index];
              if (!isSubject(group) || typeof value !== "string" || value === "") return [];
              const range = zoomed?.range ?? question.range;
              const href = timelineHref(group, value, { range, archived: question.archived });
              return rowsItem(group, t(`timeline.${group}`), href, IconTimeline);
            })}
            {canOpen && (
              <Menu.Item
                leftSection={<IconChartBar size={15} />}
                closeMenuOnClick={false}
                onClick={() => setIsGrouping(true)}
              >
                {place.time === null ? t("further") : t("furtherAt")}
              </Menu.Item>
            )}
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

/** The part of a bucket within the range of the answer. */
function within({ from, to }: Bounds, { start, end }: Pick<ExploreAnswer, "start" | "end">): Bounds {
  return { from: Math.max(from, Date.parse(start)), to: Math.min(to, Date.parse(end)) };
}
