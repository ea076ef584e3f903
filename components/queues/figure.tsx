import { Text } from "@mantine/core";

interface Props {
  label: string;
  value: string;
  hint?: string;
  alarm?: boolean;
}

/** One number with its name; the line keeps its height whatever the number. */
export function Figure({ label, value, hint, alarm = false }: Props) {
  return (
    <div>
      <Text size="xs" c="dimmed" truncate>
        {label}
        {hint && ` · ${hint}`}
      </Text>
      <Text fz={{ base: 18, sm: 20 }} fw={600} lh={1.35} truncate c={alarm ? "red" : undefined}>
        {value}
      </Text>
    </div>
  );
}
