"use client";

import { ActionIcon, Autocomplete, Button, Group, NativeSelect, Skeleton, Stack, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { ACCESS, type Access, MAX_SHARES } from "@/server/catalog/dashboards";
import { type RouterOutputs, useTRPC } from "../trpc";
import { notifyDone } from "../ui/notify";
import { QueryError } from "../ui/query-error";
import { useErrorText } from "../ui/use-error-text";
import classes from "./dashboards.module.css";

type Shares = RouterOutputs["dashboards"]["shares"];

interface Props {
  id: string;
  name: string;
  /** Whether users are suggested; modals are outside of the session. */
  mayListUsers: boolean;
  onDone: () => void;
}

/** With whom a dashboard is shared by name. */
export function ShareForm(props: Props) {
  const trpc = useTRPC();
  // Fresh, since saving replaces all of them.
  const shares = useQuery(trpc.dashboards.shares.queryOptions({ id: props.id }, { staleTime: 0, gcTime: 0 }));
  if (shares.error) return <QueryError query={shares} />;
  return shares.data ? <Fields {...props} initial={shares.data} /> : <Skeleton h={160} />;
}

function Fields({ id, name, mayListUsers, initial, onDone }: Props & { initial: Shares }) {
  const t = useTranslations("dashboards.sharing");
  const dashboards = useTranslations("dashboards");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const known = useQuery(trpc.users.list.queryOptions(undefined, { enabled: mayListUsers }));
  const [admins, setAdmins] = useState(initial.admins);
  const [users, setUsers] = useState(initial.users);
  const [email, setEmail] = useState("");
  const saving = useMutation(
    trpc.dashboards.share.mutationOptions({
      onSuccess: () => {
        notifyDone(dashboards("saved", { name }));
        onDone();
      },
      onSettled: () => queryClient.invalidateQueries(trpc.dashboards.pathFilter()),
    }),
  );
  const added = (): Shares["users"] => {
    const written = email.trim();
    const isNew = written !== "" && users.every((one) => one.email.toLowerCase() !== written.toLowerCase());
    return isNew ? [...users, { email: written, access: "view" }] : users;
  };
  const add = () => {
    setUsers(added());
    setEmail("");
  };
  const accessOf = (value: string | null): Access | null => ACCESS.find((one) => one === value) ?? null;
  const choices = ACCESS.map((value) => ({ value, label: t(value) }));

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        saving.mutate({ id, admins, users: added() });
      }}
    >
      <Text size="sm" c="dimmed" mb="md">
        {t("hint")}
      </Text>
      <NativeSelect
        label={t("admins")}
        data={[{ value: "none", label: t("none") }, ...choices]}
        value={admins ?? "none"}
        onChange={({ currentTarget: { value } }) => setAdmins(accessOf(value))}
      />
      <Stack component="ul" gap={8} mt="md" className={classes.shares} aria-label={t("users")}>
        {users.map((user) => (
          <Group key={user.email} component="li" gap={8} wrap="nowrap">
            <Text size="sm" truncate flex={1} title={user.email}>
              {user.email}
            </Text>
            <NativeSelect
              size="xs"
              w={130}
              aria-label={t("accessOf", { email: user.email })}
              data={choices}
              value={user.access}
              onChange={({ currentTarget: { value } }) => {
                const access = accessOf(value);
                if (access) setUsers(users.map((one) => (one.email === user.email ? { ...one, access } : one)));
              }}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t("remove", { email: user.email })}
              onClick={() => setUsers(users.filter((one) => one.email !== user.email))}
            >
              <IconX size={16} />
            </ActionIcon>
          </Group>
        ))}
      </Stack>
      <Group gap={8} align="flex-end" wrap="nowrap">
        <Autocomplete
          flex={1}
          label={t("add")}
          placeholder={t("email")}
          data={(known.data ?? []).map((user) => user.email)}
          value={email}
          error={saving.error ? errorText(saving.error) : undefined}
          disabled={users.length >= MAX_SHARES}
          onChange={setEmail}
        />
        <Button variant="default" disabled={email.trim() === ""} onClick={add}>
          {t("addUser")}
        </Button>
      </Group>
      <Button mt="md" fullWidth type="submit" loading={saving.isPending}>
        {dashboards("save")}
      </Button>
    </form>
  );
}
