import { ActionIcon, Tooltip } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { useShortcuts } from '../shell/shortcuts.tsx';
import { useFilePicker } from './use-file-picker.tsx';

/** Opens files of traces and logs from any view. */
export function ImportButton() {
  const { pick, input } = useFilePicker();
  useShortcuts('Files', [{ keys: ['i'], help: 'Import files', run: pick }]);
  return (
    <>
      <Tooltip label="Import files (i), or drop them anywhere">
        <ActionIcon aria-label="Import files" onClick={pick}>
          <IconFileImport size={18} stroke={1.6} />
        </ActionIcon>
      </Tooltip>
      {input}
    </>
  );
}
