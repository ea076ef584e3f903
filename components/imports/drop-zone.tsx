"use client";

import { Button, FileButton, Text } from "@mantine/core";
import { IconFileImport } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { type DragEvent, useState } from "react";
import classes from "./drop-zone.module.css";

/** Takes a file by drop or by the file dialog. */
export function DropZone({ onFile }: { onFile: (file: File) => void }) {
  const t = useTranslations("import");
  const [over, setOver] = useState(false);

  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) onFile(file);
  };

  return (
    // The button inside serves keyboards and screen readers; the area around it only accepts drops.
    // biome-ignore lint/a11y/noStaticElementInteractions: see above.
    <div
      className={classes.zone}
      data-over={over || undefined}
      data-testid="drop-zone"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <IconFileImport size={40} stroke={1.3} aria-hidden />
      <Text fw={600} size="lg">
        {over ? t("dropActive") : t("drop")}
      </Text>
      <FileButton onChange={(file) => file && onFile(file)}>
        {(props) => <Button {...props}>{t("pick")}</Button>}
      </FileButton>
      <Text size="sm" c="dimmed" maw={480}>
        {t("accepts")}
      </Text>
    </div>
  );
}
