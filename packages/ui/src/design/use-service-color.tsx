import { createContext, useContext, useState, type ReactNode } from 'react';
import { ServiceColors, type ColorMemory } from './service-colors.ts';

const Colors = createContext<ServiceColors | undefined>(undefined);

export function ServiceColorsProvider({ children }: { children: ReactNode }) {
  const [colors] = useState(() => new ServiceColors(storage()));
  return <Colors value={colors}>{children}</Colors>;
}

/** The function from a service's name to its colour (`#rrggbb`), the same in every view and in both themes. */
export function useServiceColor(): (service: string) => string {
  const colors = useContext(Colors);
  if (!colors) throw new Error('useServiceColor needs a ServiceColorsProvider above it');
  return colors.of;
}

function storage(): ColorMemory | undefined {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}
