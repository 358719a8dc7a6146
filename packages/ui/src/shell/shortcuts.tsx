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

/** What is active now, for the help. */
export function useShortcutGroups(): () => readonly Group[] {
  const groups = useContext(Groups);
  return () => [...(groups ?? [])].map((group) => group.current);
}

export function ShortcutsProvider({ children }: { children: ReactNode }) {
  const groups = useMemo(() => new Set<{ current: Group }>(), []);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isBusy(event.target)) return;
      const shortcut = [...groups]
        .toReversed()
        .flatMap((group) => group.current.shortcuts)
        .find((each) => each.keys.includes(event.key));
      if (!shortcut) return;
      event.preventDefault();
      shortcut.run(event);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [groups]);
  return <Groups value={groups}>{children}</Groups>;
}

/** Whether the element needs the keys itself: a field, or anything in an open dialog or list. */
function isBusy(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest(
      'input, textarea, select, [contenteditable="true"], [role="dialog"], [role="menu"], [role="listbox"]',
    ) !== null
  );
}
