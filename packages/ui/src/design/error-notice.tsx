import { Button, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { ApiProblem } from '../api/client.ts';

/** An error in the place of what could not be shown. */
export function ErrorNotice({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  const [title, detail] =
    error instanceof ApiProblem ? [error.title, error.detail] : ['That did not work', error.message];
  return (
    <Stack align="center" gap={6} py={72} px="xl" role="alert">
      <IconAlertTriangle size={28} stroke={1.5} color="var(--warn-mark)" aria-hidden />
      <Text fw={600} size="md">
        {title}
      </Text>
      {detail && (
        <Text c="dimmed" maw={640} ta="center" style={{ overflowWrap: 'anywhere' }}>
          {detail}
        </Text>
      )}
      {onRetry && (
        <Button variant="default" mt="xs" onClick={onRetry}>
          Try again
        </Button>
      )}
    </Stack>
  );
}
