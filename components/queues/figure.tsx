import { Text } from "@mantine/core";

interface Props {
  label: string;
  value: string;
  hint?: string;
  alarm?: boolean;
  /** What tests find it by, in every language: `figure-<name>`. */
  name: string;
  /** Nothing worth a look: said more softly. */
  quiet?: boolean;
}

/** One number with its name; the line keeps its height whatever the number. */
export function Figure({ name, label, value, hint, alarm = false, quiet = false }: Props) {
  return (
    <div>
      <Text size="xs" c="dimmed" truncate>
        {label}
        {hint && ` · ${hint}`}
      </Text>
      <Text
        data-testid={`figure-${name}`}
        fz={{ base: 18, sm: 20 }}
        fw={quiet ? 400 : 600}
        lh={1.35}
        truncate
        c={alarm ? "var(--app-bad)" : quiet ? "dimmed" : undefined}
      >
        {value}
      </Text>
    </div>
  );
}
