import { createContext, useContext, useEffect, useMemo, useRef, type ReactNode } from 'react';

export interface Shortcut {
  /** Values of `KeyboardEvent.key`, any of which triggers it: `['j', 'ArrowDown']`. */
  readonly keys: readonly string[];
  readonly help: string;
  readonly run: (event: KeyboardEvent) => void;
}

interface Group {
  title: string;
  shortcuts: readonly Shortcut[];
}

const Groups = createContext<Set<{ current: Group }> | undefined>(undefined);

/**
 * Keys of one view, active while the component is mounted; shown in the help. They do nothing while the user types in
 * a field or holds Ctrl, Alt or Meta. The view mounted last is asked first.
 */
export function useShortcuts(title: string, shortcuts: readonly Shortcut[]): void {
  const groups = useContext(Groups);
  const group = useRef<Group>({ title, shortcuts });
  useEffect(() => {
    group.current = { title, shortcuts };
  });
  useEffect(() => {
    groups?.add(group);
    return () => void groups?.delete(group);
  }, [groups]);
}

/** What is active now, for the help; parts of a view that name the same title are one group. */
export function useShortcutGroups(): () => readonly Group[] {
  const groups = useContext(Groups);
  return () => {
    const byTitle = new Map<string, Shortcut[]>();
    for (const { current } of groups ?? [])
      byTitle.set(current.title, [...(byTitle.get(current.title) ?? []), ...current.shortcuts]);
    return [...byTitle].map(([title, shortcuts]) => ({ title, shortcuts }));
  };
}

export function ShortcutsProvider({ children }: { children: ReactNode }) {
  const groups = useMemo(() => new Set<{ current: Group }>(), []);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (needsKey(event.target, event.key)) return;
      const shortcut = [...groups]
        .toReversed()
        .flatMap((group) => group.current.shortcuts)
        .find((each) => each.keys.includes(event.key));
      if (!shortcut) return;
      event.preventDefault();
      shortcut.run(event);
    };
    window.addEventListener('keydown', onKeyDown);
    window.addEventListener('keydown', leaveField, { capture: true });
    return () => {
      window.removeEventListener('keydown', onKeyDown);
      window.removeEventListener('keydown', leaveField, { capture: true });
    };
  }, [groups]);
  return <Groups value={groups}>{children}</Groups>;
}

/** Escape in a field without an open list leaves the field, so that the keys of the page work again. */
function leaveField(event: KeyboardEvent): void {
  if (event.key !== 'Escape' || !(event.target instanceof HTMLInputElement)) return;
  if (event.target.getAttribute('aria-expanded') !== 'true') event.target.blur();
}

/** Whether the focused element does something itself with the key. */
function needsKey(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest('[role="dialog"], [role="menu"], [role="listbox"]')) return true;
  if (target.matches('input[type="radio"], [role="tab"]')) return key.startsWith('Arrow') || key === ' ';
  if (target.matches('a, button, summary, input[type="checkbox"]')) return key === 'Enter' || key === ' ';
  return target.matches('input, textarea, select, [contenteditable="true"]');
}
