"use client";

import { Button, Group, NativeSelect, TextInput } from "@mantine/core";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { SUBJECTS, type Subject } from "@/server/catalog/timeline-subjects";
import { useColumnLabels } from "../ui/use-column-labels";
import classes from "./timeline.module.css";
import { isSubject } from "./timeline-href";
import type { Timeline } from "./use-timeline";

/** Chooses whose timeline is shown, and words that its events contain. */
export function SubjectForm({ timeline }: { timeline: Timeline }) {
  const t = useTranslations("timeline");
  const labels = useColumnLabels();
  const [first] = timeline.subjects;
  const [subject, setSubject] = useState<Subject>(first?.subject ?? "user_id");
  const [value, setValue] = useState(first?.value ?? "");
  const [words, setWords] = useState(timeline.filter);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const isSame = first?.subject === subject && first.value === value;
    if (!isSame && value !== "") timeline.setSubject(subject, value);
    if (words.trim() !== timeline.filter) timeline.setFilter(words.trim());
  };

  return (
    <form onSubmit={submit} className={classes.form} aria-label={t("subject")}>
      <Group gap={8} wrap="nowrap" className={classes.subject}>
        <NativeSelect
          aria-label={t("field")}
          w={130}
          data={SUBJECTS.map((name) => ({ value: name, label: labels[name] ?? name }))}
          value={subject}
          onChange={({ currentTarget: { value: next } }) => isSubject(next) && setSubject(next)}
        />
        <TextInput
          className={classes.grow}
          aria-label={labels[subject] ?? subject}
          placeholder={t(`placeholder.${subject}`)}
          value={value}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setValue(event.currentTarget.value)}
        />
      </Group>
      {first && (
        <TextInput
          className={classes.words}
          aria-label={t("words")}
          placeholder={t("words")}
          value={words}
          error={words.trim() === timeline.filter ? timeline.problem : undefined}
          spellCheck={false}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
      )}
      <Button type="submit" variant={first ? "default" : "filled"}>
        {t("show")}
      </Button>
    </form>
  );
}
