import { Text } from '@mantine/core';

/** What the sender left out because of its own limits. */
export function Dropped({ count, what }: { count: number; what: string }) {
  if (count === 0) return null;
  return (
    <Text size="xs" c="var(--warn-mark)" mt={4}>
      {count.toLocaleString('en')} more {what} were dropped by the sender.
    </Text>
  );
}
