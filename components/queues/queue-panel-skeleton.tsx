import { Group, SimpleGrid, Skeleton } from "@mantine/core";
import { Panel } from "../ui/panel";

const FIGURES = ["waiting", "in-flight", "oldest", "rate", "failures", "drain"];

/** Skeleton of a queue panel, of the same size. */
export function QueuePanelSkeleton() {
  return (
    <Panel p={{ base: "md", sm: "lg" }} aria-hidden>
      <Group justify="space-between" mb="md">
        <Skeleton h={24} w={160} />
        <Skeleton h={30} w={84} />
      </Group>
      <SimpleGrid cols={{ base: 2, xs: 3 }} spacing="md" verticalSpacing="md">
        {FIGURES.map((figure) => (
          <div key={figure}>
            <Skeleton h={12} w={70} my={3} />
            <Skeleton h={20} w={90} my={4} />
          </div>
        ))}
      </SimpleGrid>
      <Skeleton h={84} my="md" />
      <Skeleton h={14} w={110} />
      <Skeleton h={200} mt={44} />
    </Panel>
  );
}
