"use client";

import { Button, Group, NumberInput, Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { type RouterInputs, useTRPC } from "../trpc";
import { QueryError } from "../ui/query-error";
import { useNumbers } from "../ui/use-numbers";
import { FreeSpaceStep } from "./free-space-step";

const GIGABYTE = 1e9;
const MAX_GIGABYTES = 1_000_000;

/** Proposes what to remove to free space in a place. Each step is confirmed on its own. */
export function FreeSpace({ place }: { place: RouterInputs["tables"]["proposal"]["place"] }) {
  const t = useTranslations("storage.free");
  const trpc = useTRPC();
  const { bytes } = useNumbers();
  const [typed, setTyped] = useState<number | string>(5);
  const [wanted, setWanted] = useState<number | null>(null);
  const amount = typeof typed === "number" && typed > 0 && typed <= MAX_GIGABYTES ? typed : undefined;
  const proposal = useQuery(
    trpc.tables.proposal.queryOptions({ place, bytes: wanted ?? 1 }, { enabled: wanted !== null, gcTime: 0 }),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (amount !== undefined) setWanted(Math.round(amount * GIGABYTE));
  };
  return (
    <div data-testid="free-space">
      <form onSubmit={submit} noValidate>
        <Group gap="xs" align="flex-end" mt="md">
          <NumberInput
            label={t("amount")}
            size="xs"
            w={160}
            suffix=" GB"
            value={typed}
            onChange={setTyped}
            allowNegative={false}
            decimalScale={3}
            hideControls
            error={amount === undefined && t("wrong")}
          />
          <Button type="submit" size="xs" disabled={amount === undefined} loading={proposal.isFetching}>
            {t("propose")}
          </Button>
        </Group>
      </form>
      {wanted !== null && proposal.isPending && <Skeleton h={120} mt="md" />}
      {wanted !== null && <QueryError query={proposal} mt="md" />}
      {wanted !== null && proposal.data && (
        <>
          <Text size="sm" fw={600} mt="md" mb="xs" role="status">
            {proposal.data.steps.length === 0
              ? t("nothing")
              : t(proposal.data.is_enough ? "enough" : "notEnough", {
                  size: bytes(proposal.data.returned_bytes),
                  wanted: bytes(wanted),
                })}
          </Text>
          {proposal.data.steps.map((step) => (
            <FreeSpaceStep key={step.kind === "cleanup" ? step.table : step.kind} step={step} />
          ))}
        </>
      )}
    </div>
  );
}
