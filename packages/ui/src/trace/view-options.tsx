import { ActionIcon, Group, Tooltip } from '@mantine/core';
import { IconAlertCircle, IconMessages, IconZoomReset } from '@tabler/icons-react';
import { neighbour } from './find.ts';
import type { TraceState } from './use-trace-state.ts';
import { isWhole } from './zoom.ts';

/** Buttons beside the find box. */
export function ViewOptions({ state }: { state: TraceState }) {
  const { model, url, range, selected, actions } = state;
  const { errors } = model.marks;
  return (
    <Group gap={2} wrap="nowrap">
      {!isWhole(model.whole, range) && (
        <Tooltip label="Show the whole trace (z)">
          <ActionIcon aria-label="Show the whole trace" onClick={() => actions.zoom(undefined)}>
            <IconZoomReset size={16} />
          </ActionIcon>
        </Tooltip>
      )}
      {errors.length > 0 && (
        <Tooltip label="Next error (e)">
          <ActionIcon
            aria-label="Next error"
            c="var(--error-mark)"
            onClick={() => actions.select(neighbour(model.tree, errors, selected, 1))}
          >
            <IconAlertCircle size={16} />
          </ActionIcon>
        </Tooltip>
      )}
      {model.logs.records.length > 0 && (
        <Tooltip
          label={url.logRows ? 'Hide log records between the spans (l)' : 'Log records between the spans (l)'}
        >
          <ActionIcon
            aria-label="Log records between the spans"
            aria-pressed={url.logRows}
            variant={url.logRows ? 'light' : 'subtle'}
            color={url.logRows ? 'accent' : 'gray'}
            onClick={() => actions.change({ logRows: !url.logRows })}
          >
            <IconMessages size={16} />
          </ActionIcon>
        </Tooltip>
      )}
    </Group>
  );
}
