import { Button } from '@mantine/core';
import { useState, type ReactNode } from 'react';

const step = 100;

/** The first of many items, and a button that shows more of them; the button is undefined when all are shown. */
export function usePart<T>(items: readonly T[]): { part: readonly T[]; more: ReactNode } {
  const [count, setCount] = useState(step);
  const left = items.length - count;
  const more = left > 0 && (
    <Button variant="subtle" size="compact-xs" onClick={() => setCount(count + step * 5)}>
      {left.toLocaleString('en')} more
    </Button>
  );
  return { part: items.slice(0, count), more };
}
