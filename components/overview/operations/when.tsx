"use client";

import { useTimeZone } from "next-intl";
import { formatTime } from "../../ui/time";
import { useNumberText } from "../../ui/use-number-text";

/** A time relative to the last update of the data, with the exact time in its tooltip. */
export function When({ at, now }: { at: string; now: number }) {
  const timeZone = useTimeZone() ?? "UTC";
  const { relative } = useNumberText();
  return (
    <time dateTime={at} title={formatTime(at, timeZone)}>
      {relative(Date.parse(at), now)}
    </time>
  );
}
