"use client";

import { ActionIcon, Menu } from "@mantine/core";
import { IconClockPin, IconLink, IconShare2 } from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import { boundsOf, rangeBetween } from "../time-range/bounds";
import { notifyDone, notifyFailed } from "../ui/notify";
import { Tooltip } from "../ui/tooltip";
import type { LogQuery } from "./use-log-query";

/** Copies a link to what is shown: with a time range that moves on, or pinned to the current times. */
export function ShareMenu({ query }: { query: LogQuery }) {
  const t = useTranslations("logViews");
  const timeZone = useTimeZone() ?? "UTC";
  const { range, until } = query;
  const isRelative = range !== null && "last" in range;

  const copy = async (address: URL) => {
    try {
      // Undefined without HTTPS.
      await navigator.clipboard.writeText(address.href);
      notifyDone(t("linkCopied"));
    } catch {
      notifyFailed(t("linkNotCopied"), address.href);
    }
  };
  const linked = () => {
    const address = new URL(window.location.href);
    // The default range, by name.
    if (isRelative) address.searchParams.set("range", range.last);
    return address;
  };
  const pinned = () => {
    const address = linked();
    const bounds = boundsOf(range, until, timeZone);
    if (!bounds) return address;
    for (const name of ["range", "asof", "live", "cursor"]) address.searchParams.delete(name);
    for (const [name, value] of Object.entries(rangeBetween(bounds, timeZone))) address.searchParams.set(name, value);
    return address;
  };

  return (
    <Menu position="bottom-end" width={260}>
      <Tooltip label={t("shareLink")}>
        <span>
          <Menu.Target>
            <ActionIcon variant="default" size={36} aria-label={t("shareLink")}>
              <IconShare2 size={18} stroke={1.6} />
            </ActionIcon>
          </Menu.Target>
        </span>
      </Tooltip>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconLink size={16} />} onClick={() => copy(linked())}>
          {t("copyThisLink")}
        </Menu.Item>
        {isRelative && (
          <Menu.Item leftSection={<IconClockPin size={16} />} onClick={() => copy(pinned())}>
            {t("copyPinnedLink")}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
