"use client";

import { Button, Skeleton, Stack } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconUserPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "../trpc";
import { PageHeader } from "../ui/page-header";
import { Panel } from "../ui/panel";
import { QueryError } from "../ui/query-error";
import { InviteForm } from "./invite-form";
import { useShowLink } from "./use-user-actions";
import { UserRow } from "./user-row";

const INVITE = "invite-user";
const REFRESH_MS = 15_000;

/** The users page: accounts and roles. */
export function UsersPage() {
  const t = useTranslations("accounts");
  const trpc = useTRPC();
  const showLink = useShowLink();
  const users = useQuery(trpc.users.list.queryOptions(undefined, { refetchInterval: REFRESH_MS }));
  const invite = () =>
    modals.open({
      modalId: INVITE,
      title: t("inviteTitle"),
      children: (
        <InviteForm
          onInvited={(invited) => {
            modals.close(INVITE);
            showLink(invited);
          }}
        />
      ),
    });
  return (
    <>
      <PageHeader title={t("usersTitle")} subtitle={t("usersSubtitle")}>
        <Button leftSection={<IconUserPlus size={16} stroke={1.6} />} onClick={invite}>
          {t("invite")}
        </Button>
      </PageHeader>
      <QueryError query={users} mb="md" />
      {users.isPending && (
        <Stack gap="xs" aria-hidden>
          {[1, 2, 3].map((key) => (
            <Skeleton key={key} h={62} />
          ))}
        </Stack>
      )}
      {users.data && (
        <Panel aria-label={t("usersTitle")}>
          {users.data.map((user) => (
            <UserRow key={user.id} user={user} />
          ))}
        </Panel>
      )}
    </>
  );
}
