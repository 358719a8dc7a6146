import { ActionIcon, Tooltip } from '@mantine/core';
import { IconFocusCentered, IconMinus, IconPlus } from '@tabler/icons-react';
import classes from './graph-view.module.css';

export function ZoomButtons({
  zoom,
  step,
  fit,
}: {
  zoom: (factor: number) => void;
  step: number;
  fit: () => void;
}) {
  return (
    <div className={classes.buttons}>
      <Tooltip label="Zoom in (+)" position="right">
        <ActionIcon aria-label="Zoom in" onClick={() => zoom(step)}>
          <IconPlus size={15} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Zoom out (-)" position="right">
        <ActionIcon aria-label="Zoom out" onClick={() => zoom(1 / step)}>
          <IconMinus size={15} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Show all of it (0)" position="right">
        <ActionIcon aria-label="Show all of it" onClick={fit}>
          <IconFocusCentered size={15} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}
