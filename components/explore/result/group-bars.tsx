"use client";

import { UnstyledButton } from "@mantine/core";
import { changeOf, groupKey, rowsOf, sizeOf, valuesOf } from "../answer";
import { isAdditive } from "../fields";
import type { ExploreQuestion } from "../state";
import type { ExploreAnswer } from "../types";
import type { ExploreText } from "../use-explore-text";
import classes from "./explore-result.module.css";
import { below, type OpenMenu } from "./value-menu";

const MAX_BARS = 25;

interface Props {
  question: ExploreQuestion;
  answer: ExploreAnswer;
  /** The index of the measure that is drawn. */
  drawn: number;
  text: ExploreText;
  othersLabel: string;
  onOpen: OpenMenu;
}

/** A bar for each group, highest first, each with a menu; a line marks the previous period. */
export function GroupBars({ question, answer, drawn, text, othersLabel, onOpen }: Props) {
  const measure = question.measures[drawn];
  if (!measure) return null;
  const rows = rowsOf(answer).slice(0, MAX_BARS);
  const others = answer.others && isAdditive(measure) ? valuesOf(answer, answer.others)[drawn] : undefined;
  const isCut = answer.rows.length > MAX_BARS;
  const max = Math.max(
    ...rows.flatMap(({ values }) => [sizeOf(values[drawn]?.now) ?? 0, sizeOf(values[drawn]?.before) ?? 0]),
    Number.MIN_VALUE,
  );
  const width = (value: number | string | null | undefined) =>
    `${(Math.max(0, Math.min(1, (sizeOf(value) ?? 0) / max)) * 100).toFixed(2)}%`;
  return (
    <ul className={classes.bars}>
      {rows.map(({ groups, values }) => {
        const value = values[drawn];
        const name = groups.map((group, index) => text.group(question.groups[index] ?? "", group)).join(" · ");
        const change = value ? changeOf(value) : null;
        const amount = [
          text.amount(measure, value?.now ?? null),
          ...(change === null ? [] : [`(${text.change(change)})`]),
        ].join(" ");
        return (
          <li key={groupKey(groups)}>
            <UnstyledButton
              className={classes.bar}
              aria-haspopup="menu"
              title={name}
              onClick={(event) =>
                onOpen({ place: { groups, time: null }, title: `${name}: ${amount}`, ...below(event.currentTarget) })
              }
            >
              <span className={classes.name} data-none={groups.every((group) => group === null) || undefined}>
                {name}
              </span>{" "}
              <span className={classes.track}>
                <span className={classes.fill} style={{ width: width(value?.now) }} />
                {value?.before !== undefined && value.before !== null && (
                  <span className={classes.was} style={{ left: width(value.before) }} />
                )}
              </span>
              <span className={classes.amount}>{amount}</span>
            </UnstyledButton>
          </li>
        );
      })}
      {others && !isCut && (
        <li>
          <UnstyledButton
            className={classes.bar}
            data-others
            aria-haspopup="menu"
            onClick={(event) =>
              onOpen({
                place: { groups: null, except: rows.map(({ groups }) => groups), time: null },
                title: `${othersLabel}: ${text.amount(measure, others.now)}`,
                ...below(event.currentTarget),
              })
            }
          >
            <span className={classes.name}>{othersLabel}</span>{" "}
            <span className={classes.track}>
              <span className={classes.fill} style={{ width: width(others.now) }} />
            </span>
            <span className={classes.amount}>{text.amount(measure, others.now)}</span>
          </UnstyledButton>
        </li>
      )}
    </ul>
  );
}
