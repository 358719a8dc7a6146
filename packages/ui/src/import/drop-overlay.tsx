import { Text } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import classes from './import.module.css';
import { useImports } from './use-imports.tsx';

/** Takes files that are dropped anywhere on the page, and says so while they are held above it. */
export function DropOverlay() {
  const { open } = useImports();
  const [above, setAbove] = useState(false);
  useEffect(() => {
    // Entering an element comes before leaving the one around it.
    let depth = 0;
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const enter = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      depth++;
      setAbove(true);
    };
    const leave = (event: DragEvent) => {
      if (carriesFiles(event) && --depth <= 0) end();
    };
    const over = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      event.dataTransfer!.dropEffect = 'copy';
    };
    const drop = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      end();
      open([...event.dataTransfer!.files]);
    };
    const end = () => {
      depth = 0;
      setAbove(false);
    };
    const listeners = { dragenter: enter, dragleave: leave, dragover: over, drop } as const;
    for (const [name, listener] of Object.entries(listeners))
      window.addEventListener(name as keyof typeof listeners, listener);
    return () => {
      for (const [name, listener] of Object.entries(listeners))
        window.removeEventListener(name as keyof typeof listeners, listener);
    };
  }, [open]);
  if (!above) return null;
  return (
    <output className={classes.overlay}>
      <div className={classes.target}>
        <IconFileImport size={36} stroke={1.4} aria-hidden />
        <Text fw={600} size="lg">
          Drop to open
        </Text>
        <Text c="dimmed">OTLP, Jaeger or Zipkin as JSON, also JSON lines and gzip</Text>
      </div>
    </output>
  );
}
