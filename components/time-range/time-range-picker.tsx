"use client";

import { ActionIcon, Button, Divider, Group, Popover, type PopoverProps, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown, IconChevronLeft, IconChevronRight, IconClock, IconZoomOut } from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import { Tooltip } from "../ui/tooltip";
import { shifted, zoomedOut } from "./bounds";
import { CustomRange } from "./custom-range";
import { JumpToTime } from "./jump-to-time";
import type { TimeRange } from "./range";
import { RangePresets } from "./range-presets";
import classes from "./time-range-picker.module.css";
import { useRangeLabel } from "./use-range-label";

const MIN_HEIGHT = 240;

interface Props {
  range: TimeRange;
  onChange: (range: TimeRange) => void;
  /** Opens the rows around a time (ISO 8601 UTC) within the range. */
  onJump?: (at: string) => void;
}

/** On a phone, the options scroll. */
const FIT: NonNullable<PopoverProps["middlewares"]>["size"] = {
  padding: 8,
  apply: ({ availableHeight, elements }) => {
    elements.floating.style.maxHeight = `${Math.max(MIN_HEIGHT, availableHeight)}px`;
  },
};

/** The time range picker with buttons to shift back and forward. */
export function TimeRangePicker({ range, onChange, onJump }: Props) {
  const t = useTranslations("logRange");
  const timeZone = useTimeZone() ?? "UTC";
  const [opened, { toggle, close }] = useDisclosure(false);
  const label = useRangeLabel(range);
  const isRelative = range !== null && "last" in range;

  const choose = (next: TimeRange) => {
    close();
    onChange(next);
  };

  return (
    <Group gap={0} wrap="nowrap" role="group" aria-label={t("label")} className={classes.group}>
      <Tooltip label={t("back")}>
        <ActionIcon
          variant="default"
          size={36}
          aria-label={t("back")}
          disabled={range === null}
          onClick={() => onChange(shifted(range, -1, Date.now(), timeZone))}
        >
          <IconChevronLeft size={17} stroke={1.7} />
        </ActionIcon>
      </Tooltip>
      <Popover
        opened={opened}
        onChange={(open) => !open && close()}
        position="bottom-end"
        shadow="md"
        trapFocus
        middlewares={{ flip: true, shift: true, size: FIT }}
      >
        <Popover.Target>
          <Button
            variant="default"
            className={classes.current}
            leftSection={<IconClock size={16} stroke={1.7} />}
            rightSection={<IconChevronDown size={15} stroke={1.7} />}
            onClick={toggle}
          >
            <span className={classes.label}>{label}</span>
          </Button>
        </Popover.Target>
        <Popover.Dropdown p={0} className={classes.dropdown} aria-label={t("label")}>
          <RangePresets range={range} onChoose={choose} />
          <Divider orientation="vertical" className={classes.divider} />
          <Stack gap="md" p="md" className={classes.custom}>
            <CustomRange key={JSON.stringify(range)} range={range} onChoose={choose} />
            {onJump && (
              <>
                <Divider />
                <JumpToTime
                  onJump={(at) => {
                    close();
                    onJump(at);
                  }}
                />
              </>
            )}
          </Stack>
        </Popover.Dropdown>
      </Popover>
      <Tooltip label={t("forward")}>
        <ActionIcon
          variant="default"
          size={36}
          aria-label={t("forward")}
          disabled={range === null || isRelative}
          onClick={() => onChange(shifted(range, 1, Date.now(), timeZone))}
        >
          <IconChevronRight size={17} stroke={1.7} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t("zoomOut")}>
        <ActionIcon
          variant="default"
          size={36}
          aria-label={t("zoomOut")}
          disabled={range === null}
          onClick={() => onChange(zoomedOut(range, Date.now(), timeZone))}
        >
          <IconZoomOut size={17} stroke={1.7} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}
