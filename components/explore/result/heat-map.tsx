"use client";

import { UnstyledButton } from "@mantine/core";
import { useTranslations } from "next-intl";
import { Fragment, type KeyboardEvent, useState } from "react";
import { rowsOf, sizeOf } from "../answer";
import { HOUR_OF_DAY, WEEKDAY } from "../fields";
import type { ExploreQuestion } from "../state";
import type { ExploreAnswer } from "../types";
import type { ExploreText } from "../use-explore-text";
import classes from "./explore-result.module.css";
import { below, type OpenMenu } from "./value-menu";

const DAYS = [1, 2, 3, 4, 5, 6, 7] as const;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
/** The weakest cell that has rows is visible. */
const MIN_STRENGTH = 0.12;

interface Props {
  question: ExploreQuestion;
  answer: ExploreAnswer;
  drawn: number;
  text: ExploreText;
  onOpen: OpenMenu;
}

/** The hours of the week as a grid of cells, each with a menu. It is one Tab stop; arrow keys move within it. */
export function HeatMap({ question, answer, drawn, text, onOpen }: Props) {
  const t = useTranslations("explore");
  const measure = question.measures[drawn];
  const [current, setCurrent] = useState({ day: 1, hour: 0 });
  if (!measure) return null;
  const [dayAt, hourAt] = [question.groups.indexOf(WEEKDAY), question.groups.indexOf(HOUR_OF_DAY)];
  const values = new Map(
    rowsOf(answer).map((row) => [`${row.groups[dayAt]} ${row.groups[hourAt]}`, row.values[drawn]?.now ?? null]),
  );
  const max = Math.max(...[...values.values()].map((value) => sizeOf(value) ?? 0), Number.MIN_VALUE);
  const strength = (value: number | string | null) => {
    const size = sizeOf(value);
    return size === null || size === 0 ? 0 : MIN_STRENGTH + (1 - MIN_STRENGTH) * Math.max(0, size / max);
  };
  const move = (event: KeyboardEvent<HTMLElement>) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step) return;
    event.preventDefault();
    const day = Math.min(7, Math.max(1, current.day + (step[0] ?? 0)));
    const hour = Math.min(23, Math.max(0, current.hour + (step[1] ?? 0)));
    setCurrent({ day, hour });
    event.currentTarget.querySelector<HTMLElement>(`[data-cell="${day} ${hour}"]`)?.focus();
  };
  return (
    <div className={classes.heat}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the cells are buttons; this moves between them. */}
      <div className={classes.week} onKeyDown={move}>
        <span />
        {HOURS.map((hour) => (
          <span key={hour} className={classes.clock} aria-hidden>
            {hour % 3 === 0 ? hour : ""}
          </span>
        ))}
        {DAYS.map((day) => (
          <Fragment key={day}>
            <span className={classes.day}>{text.weekday(day)}</span>
            {HOURS.map((hour) => {
              const value = values.get(`${day} ${hour}`) ?? null;
              const label = t("heatCell", {
                weekday: text.weekday(day),
                hour: text.hour(hour),
                value: text.amount(measure, value),
              });
              const groups = dayAt < hourAt ? [day, hour] : [hour, day];
              return (
                <UnstyledButton
                  key={hour}
                  className={classes.cell}
                  data-cell={`${day} ${hour}`}
                  style={{ "--strength": strength(value).toFixed(3) }}
                  aria-haspopup="menu"
                  aria-label={label}
                  title={label}
                  tabIndex={current.day === day && current.hour === hour ? 0 : -1}
                  onFocus={() => setCurrent({ day, hour })}
                  onClick={(event) =>
                    onOpen({ place: { groups, time: null }, title: label, ...below(event.currentTarget) })
                  }
                />
              );
            })}
          </Fragment>
        ))}
      </div>
    </div>
  );
}
