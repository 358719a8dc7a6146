import { Anchor, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';

export function NotFound() {
  return (
    <Stack align="center" gap="xs" mt={120}>
      <Title order={1} size="h3">
        There is no such page
      </Title>
      <Text c="dimmed">
        Perhaps the address was cut short.{' '}
        <Anchor underline="always" renderRoot={(props) => <Link {...props} to="/search" search={{}} />}>
          Search traces
        </Anchor>
      </Text>
    </Stack>
  );
}
