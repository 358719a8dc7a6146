import { Loader, Stack, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { ErrorNotice } from './error-notice.tsx';

/** What a view shows until its answer is there: nothing for a moment, then a spinner; the error if that came instead. */
export function Pending({ error, label = 'Loading…' }: { error?: Error | null | undefined; label?: string }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 150);
    return () => clearTimeout(timer);
  }, []);
  if (error) return <ErrorNotice error={error} />;
  return (
    <Stack
      component="output"
      align="center"
      gap="xs"
      pt={96}
      style={{ visibility: late ? 'visible' : 'hidden' }}
    >
      <Loader size="sm" />
      <Text size="sm" c="dimmed">
        {label}
      </Text>
    </Stack>
  );
}
