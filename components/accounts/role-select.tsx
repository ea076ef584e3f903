"use client";

import { NativeSelect } from "@mantine/core";
import { useTranslations } from "next-intl";
import { ROLES, type Role } from "@/server/catalog/accounts";

interface Props {
  label: string;
  hideLabel?: boolean;
  description?: string;
  value: Role;
  disabled?: boolean;
  onChange: (role: Role) => void;
}

export function RoleSelect({ label, hideLabel = false, description, value, disabled, onChange }: Props) {
  const t = useTranslations("user.role");
  return (
    <NativeSelect
      label={hideLabel ? undefined : label}
      aria-label={hideLabel ? label : undefined}
      description={description}
      data={ROLES.map((role) => ({ value: role, label: t(role) }))}
      value={value}
      disabled={disabled}
      size={hideLabel ? "xs" : undefined}
      w={hideLabel ? 140 : undefined}
      onChange={({ currentTarget: { value: text } }) => {
        const role = ROLES.find((one) => one === text);
        if (role && role !== value) onChange(role);
      }}
    />
  );
}
