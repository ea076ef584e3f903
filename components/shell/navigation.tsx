"use client";

import { Badge, NavLink, Stack, Text } from "@mantine/core";
import { usePathname, useSearchParams } from "next/navigation";
import { carriedHref } from "../logs/carry-over";
import { IntentLink } from "../ui/intent-link";
import { useNumberText } from "../ui/use-number-text";
import classes from "./navigation.module.css";
import { usePages } from "./use-pages";

export function Navigation({ onNavigate }: { onNavigate: () => void }) {
  const pathname = usePathname();
  const search = useSearchParams();
  const { compact } = useNumberText();
  return (
    <Stack gap="sm">
      {usePages().map((group) => (
        <div key={group.label}>
          <Text size="xs" c="dimmed" fw={600} px={10} mb={2}>
            {group.label}
          </Text>
          {group.items.map(({ href, label, icon: Glyph, count }) => {
            const active = pathname === href || pathname.startsWith(`${href}/`);
            return (
              <NavLink
                key={href}
                component={IntentLink}
                href={carriedHref(href, pathname, search)}
                label={label}
                active={active}
                aria-current={active ? "page" : undefined}
                leftSection={<Glyph size={18} stroke={1.6} aria-hidden />}
                rightSection={
                  count ? (
                    <Badge size="sm" color="red" variant="light">
                      {compact(count, {})}
                    </Badge>
                  ) : null
                }
                className={classes.link}
                onClick={onNavigate}
              />
            );
          })}
        </div>
      ))}
    </Stack>
  );
}
