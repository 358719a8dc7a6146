import { ActionIcon, Group, Menu, Tooltip } from '@mantine/core';
import { IconFold, IconFoldDown, IconStack2 } from '@tabler/icons-react';
import type { TraceState } from '../use-trace-state.ts';

const depths = [1, 2, 3, 4, 5, 6, 8, 10];

/** Folding of everything at once, by depth, and of the selected span's branch. */
export function FoldMenu({ state }: { state: TraceState }) {
  const { model, selected, actions } = state;
  const branch = (folded: boolean) => {
    actions.fold({ at: 'subtree', key: model.keyOf(selected), folded });
  };
  return (
    <Group gap={0} wrap="nowrap">
      <Tooltip label="Collapse all (c)">
        <ActionIcon
          size={22}
          aria-label="Collapse all"
          onClick={() => actions.fold({ at: 'depth', depth: 0 })}
        >
          <IconFold size={14} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Expand all (x)">
        <ActionIcon size={22} aria-label="Expand all" onClick={actions.unfoldAll}>
          <IconFoldDown size={14} />
        </ActionIcon>
      </Tooltip>
      <Menu position="bottom-end">
        <Menu.Target>
          <Tooltip label="Expand to a depth">
            <ActionIcon size={22} aria-label="Expand to a depth">
              <IconStack2 size={14} />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Show</Menu.Label>
          {depths
            .filter((depth) => depth <= Math.max(model.tree.maxDepth, 1))
            .map((depth) => (
              <Menu.Item key={depth} onClick={() => actions.fold({ at: 'depth', depth: depth - 1 })}>
                {depth === 1 ? 'One level' : `${depth} levels`}
              </Menu.Item>
            ))}
          <Menu.Divider />
          <Menu.Label>Selected span</Menu.Label>
          <Menu.Item disabled={selected < 0} onClick={() => branch(true)}>
            Collapse its branch
          </Menu.Item>
          <Menu.Item disabled={selected < 0} onClick={() => branch(false)}>
            Expand its branch
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
