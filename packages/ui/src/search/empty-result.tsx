import { Button, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

type Wider = '1d' | '14d';

interface Props {
  readonly title: string;
  readonly note: ReactNode;
  /** The range asked for, where it is one of the usual; the wider ones are offered. */
  readonly last: string | undefined;
  /** Without it no other time is offered. */
  readonly onWiden?: ((range: { last: Wider; start: undefined; end: undefined }) => void) | undefined;
  /** What else may be changed. */
  readonly children?: ReactNode;
}

/** In the place of a list or a drawing: that there is nothing, and what may be changed about it. */
export function EmptyResult({ title, note, last, onWiden, children }: Props) {
  return (
    <Stack align="center" gap={8} pt={96} px="xl" ta="center">
      <Text fw={600} size="md" component="output">
        {title}
      </Text>
      <Text c="dimmed" maw={520}>
        {note}
      </Text>
      <Stack gap={6} mt={6} align="stretch">
        {onWiden &&
          (['1d', '14d'] as const)
            .filter((each) => each !== last)
            .map((each) => (
              <Button
                key={each}
                variant="default"
                onClick={() => onWiden({ last: each, start: undefined, end: undefined })}
              >
                Look at the last {each === '1d' ? 'day' : '14 days'}
              </Button>
            ))}
        {children}
      </Stack>
    </Stack>
  );
}
