import { Text } from "@mantine/core";

interface Props {
  label: string;
  value: string;
  hint?: string;
  alarm?: boolean;
  /** The test ID: `figure-<name>`. */
  name: string;
  /** Whether the value is shown dimmed. */
  quiet?: boolean;
}

/** A labelled figure of constant height. */
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
