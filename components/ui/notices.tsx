"use client";

import { Notification } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import classes from "./notices.module.css";
import { hideNotice, type Notice, useNotices } from "./notices-store";

/** The others are shown when these are gone. */
const MAX_SHOWN = 5;

/**
 * The messages about actions, each for a while. None disappears while the pointer or the focus is on one of them.
 * `@mantine/notifications` would add 20 kB to every page.
 */
export function Notices() {
  const [isHeld, setIsHeld] = useState(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: nothing is done by the pointer, only kept from disappearing.
    <div
      className={classes.list}
      onMouseEnter={() => setIsHeld(true)}
      onMouseLeave={() => setIsHeld(false)}
      onFocus={() => setIsHeld(true)}
      onBlur={() => setIsHeld(false)}
    >
      {useNotices()
        .slice(0, MAX_SHOWN)
        .map((notice) => (
          <Item key={notice.id} notice={notice} isHeld={isHeld} />
        ))}
    </div>
  );
}

function Item({ notice: { id, title, message, isFailure, durationMs }, isHeld }: { notice: Notice; isHeld: boolean }) {
  const t = useTranslations("common");
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(() => hideNotice(id), durationMs);
    return () => clearTimeout(timer);
  }, [id, durationMs, isHeld]);
  return (
    <Notification
      className={classes.notice}
      title={title}
      color={isFailure ? "red" : undefined}
      closeButtonProps={{ "aria-label": t("close") }}
      onClose={() => hideNotice(id)}
    >
      {message}
    </Notification>
  );
}
