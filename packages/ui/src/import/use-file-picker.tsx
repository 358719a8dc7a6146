import { useRef, type ReactNode } from 'react';
import { useImports } from './use-imports.tsx';

/** `pick` asks for files, and imports them; `input` is to be rendered somewhere. */
export function useFilePicker(): { pick: () => void; input: ReactNode } {
  const imports = useImports();
  const field = useRef<HTMLInputElement>(null);
  return {
    pick: () => field.current?.click(),
    input: (
      <input
        ref={field}
        type="file"
        multiple
        hidden
        aria-label="Files to import"
        onChange={(event) => {
          imports.open([...(event.currentTarget.files ?? [])]);
          // The same file may be chosen again.
          event.currentTarget.value = '';
        }}
      />
    ),
  };
}
