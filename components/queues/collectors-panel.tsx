import { Badge, Box, Title } from "@mantine/core";
import { useTimeZone, useTranslations } from "next-intl";
import type { QueueStatus } from "../live/queue-watch";
import { Panel } from "../ui/panel";
import { Table } from "../ui/table";
import { formatTime } from "../ui/time";

/** The processes that receive syslog. */
export function CollectorsPanel({ collectors }: { collectors: QueueStatus["collectors"] }) {
  const t = useTranslations("queues.collectors");
  const timeZone = useTimeZone() ?? "UTC";

  return (
    <Panel mt="lg" aria-labelledby="collectors">
      <Title order={2} id="collectors" px={{ base: "md", sm: "lg" }} pt="md" pb="xs">
        {t("title")}
      </Title>
      <Box style={{ overflowX: "auto" }} tabIndex={0} role="group" aria-labelledby="collectors" pb="xs">
        <Table horizontalSpacing="lg" verticalSpacing="xs" fz="sm" miw={620}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("host")}</Table.Th>
              <Table.Th>{t("port")}</Table.Th>
              <Table.Th>{t("since")}</Table.Th>
              <Table.Th>{t("lastSeen")}</Table.Th>
              <Table.Th>{t("state")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {collectors.map(({ host, port, started_at, last_seen_at, is_alive }) => (
              <Table.Tr key={`${host}:${port}`}>
                <Table.Td fw={500}>{host}</Table.Td>
                <Table.Td>{port}</Table.Td>
                <Table.Td>{formatTime(started_at, timeZone)}</Table.Td>
                <Table.Td>{formatTime(last_seen_at, timeZone)}</Table.Td>
                <Table.Td>
                  <Badge variant="light" tt="none" color={is_alive ? "teal" : "red"}>
                    {t(is_alive ? "up" : "down")}
                  </Badge>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Box>
    </Panel>
  );
}
