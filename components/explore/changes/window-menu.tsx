"use client";

import { Menu } from "@mantine/core";
import { IconZoomIn, IconZoomQuestion } from "@tabler/icons-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import classes from "./changes.module.css";

interface Props {
  /** Where on the screen; null while closed. */
  at: { readonly x: number; readonly y: number } | null;
  /** The selected time, for screen readers. */
  name: string;
  /** The selected time and its numbers. */
  label: ReactNode;
  isBar: boolean;
  onClose: () => void;
  onZoom: () => void;
  /** Opens the panel, or the URL of a page with it. */
  changes: string | (() => void);
}

/** What can be done with a window of time that was selected in a histogram. */
export function WindowMenu({ at, name, label, isBar, onClose, onZoom, changes }: Props) {
  const t = useTranslations("changes");
  if (!at) return null;
  const shared = { leftSection: <IconZoomQuestion size={15} />, children: t(isBar ? "inBar" : "here") };
  return (
    <Menu opened onClose={onClose} withinPortal position="bottom-start" shadow="md" width={250} returnFocus trapFocus>
      <Menu.Target>
        <span className={classes.anchor} style={{ left: at.x, top: at.y }} />
      </Menu.Target>
      <Menu.Dropdown aria-label={t("actions", { name })}>
        <Menu.Label>{label}</Menu.Label>
        <Menu.Item leftSection={<IconZoomIn size={15} />} onClick={onZoom}>
          {t("zoom")}
        </Menu.Item>
        {typeof changes === "string" ? (
          <Menu.Item {...shared} component={Link} href={changes} prefetch={false} />
        ) : (
          <Menu.Item {...shared} onClick={changes} />
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
