"use client";

import { useMantineColorScheme } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useMutation, useQueries, useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { LOG_TABLE_NAMES, logTables } from "@/server/catalog";
import { quoted } from "@/server/catalog/filter";
import { filterValueProblem } from "@/server/catalog/filter-values";
import { useQueueWatch } from "../../live/queue-watch";
import { useMay } from "../../session";
import { timelineHref } from "../../timeline/timeline-href";
import { useTRPC } from "../../trpc";
import { notifyDone, notifyFailed } from "../../ui/notify";
import { useErrorText } from "../../ui/use-error-text";
import { useSeenTable } from "../../ui/use-seen-table";
import { usePages } from "../use-pages";
import { useSignOut } from "../use-sign-out";
import type { Command } from "./commands";

const IP_ADDRESS = logTables.access_logs.columns.find(({ name }) => name === "ip_address");
const TYPING_MS = 150;
/** Pages that are also found by what is done there. */
const WORDED_PAGES = {
  "/alerts": "alerts",
  "/tables": "storage",
  "/queues": "queues",
  "/dead-letters": "deadLetters",
  "/timeline": "timeline",
  "/explore": "explore",
  "/retention": "cleanup",
  "/settings/users": "users",
} as const;
/** Users of the last hours are suggested; a whole user ID is accepted as typed. */
const FRESH_MS = 60_000;

/** All commands that the user may use, with users and addresses that fit the text. */
export function useCommands(text: string): readonly Command[] {
  const t = useTranslations();
  const trpc = useTRPC();
  const errorText = useErrorText();
  const pages = usePages();
  const { status } = useQueueWatch();
  const mayPause = useMay("queues.pause");
  const mayExport = useMay("export");
  const mayIngest = useMay("ingest");
  const signOut = useSignOut();
  const { setColorScheme } = useMantineColorScheme();
  const seen = useSeenTable("user_activities");
  const typed = text.trim();
  const [search] = useDebouncedValue(typed, TYPING_MS);
  const maySeeUsers = seen.columns.some(({ name, filter }) => name === "user_id" && filter !== undefined);
  const address = seen.columns.find(({ name, filter }) => name === "ip_address" && filter !== undefined);
  const users = useQuery(
    trpc.logs.values.queryOptions(
      { table: "user_activities", column: "user_id", search: search.slice(0, 200) },
      { enabled: maySeeUsers && search.length > 1, placeholderData: keepPreviousData, staleTime: FRESH_MS },
    ),
  );
  const views = useQueries({
    queries: LOG_TABLE_NAMES.map((table) => trpc.logs.views.list.queryOptions({ table }, { staleTime: FRESH_MS })),
  });
  const pausing = useMutation(
    trpc.queues.setPaused.mutationOptions({
      onSuccess: (_result, { queue, paused }) =>
        notifyDone(t(paused ? "queues.pausedToast" : "queues.resumedToast", { queue: t(`tables.${queue}`) })),
      onError: (error) => notifyFailed(t("queues.changeFailed"), errorText(error)),
    }),
  );

  const wordsOf = (href: string) =>
    Object.entries(WORDED_PAGES)
      .filter(([page]) => page === href)
      .map(([, name]) => t(`palette.words.${name}`));
  const pageCommands = pages.flatMap(({ label: group, items }) =>
    items.map(
      ({ href, label }): Command => ({
        id: href,
        group: "pages",
        label,
        hint: group,
        words: [href, ...wordsOf(href)].join(" "),
        to: href,
      }),
    ),
  );
  const account: Command = {
    id: "/settings/account",
    group: "pages",
    label: t("nav.account"),
    to: "/settings/account",
  };
  const viewCommands = LOG_TABLE_NAMES.flatMap((table, index) =>
    (views[index]?.data ?? []).map(
      ({ id, name, search: query }): Command => ({
        id: `view ${id}`,
        group: "views",
        label: name,
        hint: t(`tables.${table}`),
        to: `/logs/${logTables[table].path}?${query.replace(/^\?/, "")}`,
      }),
    ),
  );
  const userIds = new Set((typed.length > 1 && !/\s/.test(typed) ? [typed] : []).filter(() => maySeeUsers));
  const found = (users.data?.values ?? []).map(({ value }) => value).filter((value) => value.includes(typed));
  const userCommands = [...new Set([...found.slice(0, 5), ...userIds])].map(
    (id): Command => ({
      id: `user ${id}`,
      // Any text may be the ID of a user who is not among the suggested ones.
      group: found.includes(id) ? "users" : "search",
      label: id,
      hint: t("palette.everythingByUser"),
      words: typed,
      to: timelineHref("user_id", id),
    }),
  );
  // Activities may have any text as their address.
  const isAllowed = address !== undefined && IP_ADDRESS !== undefined;
  const isBlock = isAllowed && typed !== "" && filterValueProblem(IP_ADDRESS, typed) === undefined;
  const isAddress = isBlock && !typed.includes("/");
  const addressCommands: Command[] = [
    ...(isAddress
      ? [
          {
            id: "ip",
            group: "addresses",
            label: typed,
            hint: t("palette.everythingByAddress"),
            to: timelineHref("ip_address", typed),
          } as const,
        ]
      : []),
    ...(isBlock
      ? LOG_TABLE_NAMES.map(
          (table): Command => ({
            id: `ip ${table}`,
            group: "addresses",
            label: typed,
            hint: t(`tables.${table}`),
            to: `/logs/${logTables[table].path}?${new URLSearchParams({ ip_address: typed, range: "24h" })}`,
          }),
        )
      : []),
  ];
  const searchCommands = (typed.length > 1 ? LOG_TABLE_NAMES : []).map(
    (table): Command => ({
      id: `search ${table}`,
      group: "search",
      label: t("palette.searchFor", { text: typed }),
      hint: t(`tables.${table}`),
      words: typed,
      to: `/logs/${logTables[table].path}?${new URLSearchParams({ filter: quoted(typed), range: "all" })}`,
    }),
  );
  const action = (id: string, label: string, to: Command["to"], words = ""): Command => ({
    id: `action ${id}`,
    group: "actions",
    label,
    words,
    to,
  });
  const actions = [
    action("live", t("palette.liveTail"), `/logs/${logTables.access_logs.path}?live=1&range=24h`, "tail"),
    ...(mayExport ? [action("export", t("palette.newExport"), "/exports", "csv excel")] : []),
    ...(mayIngest ? [action("import", t("palette.importFile"), "/imports", "upload")] : []),
    ...(mayPause && status
      ? LOG_TABLE_NAMES.map((queue) => {
          const { paused } = status.queues[queue];
          const name = { queue: t(`tables.${queue}`) };
          // Pausing is confirmed on the page of the queues.
          return paused
            ? action(`resume ${queue}`, t("palette.resumeQueue", name), () => pausing.mutate({ queue, paused: false }))
            : action(`pause ${queue}`, t("palette.pauseQueue", name), `/queues#${queue}`);
        })
      : []),
    ...(["light", "dark", "auto"] as const).map((scheme) =>
      action(
        `scheme ${scheme}`,
        t("palette.colorScheme", { scheme: t(`preferences.${scheme}`) }),
        () => setColorScheme(scheme),
        "theme",
      ),
    ),
    action("sign-out", t("user.signOut"), signOut, "logout"),
  ];
  return [
    ...pageCommands,
    account,
    ...viewCommands,
    ...addressCommands,
    ...actions,
    ...searchCommands,
    ...userCommands,
  ];
}
