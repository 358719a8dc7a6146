import { ActionIcon, Tooltip } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';

interface Props {
  readonly label: string;
  /** An answer is being waited for. */
  readonly waiting: boolean;
  readonly onClick: () => void;
}

/** Asks again what a page shows; the shortcut is the page's. */
export function RefreshButton({ label, waiting, onClick }: Props) {
  return (
    <Tooltip label={`${label} (r)`}>
      <ActionIcon aria-label={label} variant="default" size={30} loading={waiting} onClick={onClick}>
        <IconRefresh size={16} stroke={1.6} />
      </ActionIcon>
    </Tooltip>
  );
}
