import { Button, Center } from "@mantine/core";
import { useTranslations } from "next-intl";

interface ShowMoreProps {
  readonly list: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly fetchNextPage: () => unknown;
  };
}

/** Loads the next page of a list, if there is one. */
export function ShowMore({ list }: ShowMoreProps) {
  const t = useTranslations("common");
  if (!list.hasNextPage) return null;
  return (
    <Center py="xs">
      <Button
        variant="subtle"
        color="gray"
        size="xs"
        loading={list.isFetchingNextPage}
        onClick={() => list.fetchNextPage()}
      >
        {t("showMore")}
      </Button>
    </Center>
  );
}
