import { Group, Kbd, Modal, Stack, Text } from '@mantine/core';
import { useShortcutGroups } from './shortcuts.tsx';

const shown: Record<string, string> = {
  ArrowDown: '↓',
  ArrowUp: '↑',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
  ' ': 'Space',
};

/** Every key that does something on this page. */
export function KeyboardHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const groups = useShortcutGroups();
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard" size={420}>
      <Stack gap="lg">
        {opened &&
          groups()
            .toReversed()
            .map((group) => (
              <Stack key={group.title} gap={6} component="section">
                <Text component="h3" size="xs" c="dimmed" fw={600}>
                  {group.title}
                </Text>
                {group.shortcuts.map((shortcut) => (
                  <Group key={shortcut.help} justify="space-between" wrap="nowrap">
                    <Text size="sm">{shortcut.help}</Text>
                    <Group gap={4} wrap="nowrap">
                      {shortcut.keys.map((key) => (
                        <Kbd key={key}>{shown[key] ?? key}</Kbd>
                      ))}
                    </Group>
                  </Group>
                ))}
              </Stack>
            ))}
      </Stack>
    </Modal>
  );
}
