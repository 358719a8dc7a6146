import { useComputedColorScheme } from '@mantine/core';
import { useMemo } from 'react';
import { useServiceColor } from '../../design/use-service-color.tsx';
import type { Paints } from './scene.ts';

/** The theme's colours by value, for canvases; `services` are the names that a trace's columns index. */
export function usePaints(services: readonly string[]): Paints {
  const scheme = useComputedColorScheme('light');
  const colorOf = useServiceColor();
  return useMemo(() => {
    const style = getComputedStyle(document.documentElement);
    const variable = (name: string) => style.getPropertyValue(name).trim();
    return {
      services: services.map(colorOf),
      line: scheme === 'dark' ? '#20252e' : '#eef0f3',
      guide: scheme === 'dark' ? '#3b424e' : '#cfd4dc',
      text: variable('--mantine-color-text'),
      dimmed: variable('--mantine-color-dimmed'),
      error: variable('--error-mark'),
      warn: variable('--warn-mark'),
      surface: variable('--mantine-color-body'),
    };
  }, [scheme, services, colorOf]);
}
