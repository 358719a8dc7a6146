import type { ImportResult } from '@throughline/query/api';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { createContext, useCallback, useContext, useMemo, useRef, useState, type ReactNode } from 'react';
import { post } from '../api/client.ts';
import { millisOfNanos } from '../design/format-time.ts';
import { around } from '../logs/logs-state.ts';
import { destinationOf, type ImportedFile } from './imports.ts';

export interface Imports {
  /** All since the page was loaded, the last opened first. */
  readonly files: readonly ImportedFile[];
  /** Reads them one after the other, and then shows what is in them. */
  readonly open: (files: readonly File[]) => void;
  /** Files that are not read yet are left alone. */
  readonly cancel: () => void;
}

const Context = createContext<Imports | undefined>(undefined);

export function useImports(): Imports {
  const imports = useContext(Context);
  if (!imports) throw new Error('useImports needs an ImportsProvider above it');
  return imports;
}

const marginMs = 1_000;

export function ImportsProvider({ children }: { children: ReactNode }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [files, setFiles] = useState<readonly ImportedFile[]>([]);
  const nextId = useRef(1);
  const running = useRef<AbortController>(undefined);
  /** The runs one after the other. */
  const turn = useRef<Promise<void>>(Promise.resolve());

  const settle = useCallback(
    (id: number, outcome: ImportedFile['outcome']) =>
      setFiles((all) => all.map((file) => (file.id === id ? { ...file, outcome } : file))),
    [],
  );
  const read = useCallback(
    async (file: File, entry: ImportedFile, signal: AbortSignal): Promise<ImportedFile> => {
      const done = (outcome: ImportedFile['outcome']) => {
        settle(entry.id, outcome);
        return { ...entry, outcome };
      };
      if (signal.aborted) return done({ state: 'cancelled' });
      settle(entry.id, { state: 'reading' });
      try {
        return done({ state: 'done', result: await post<ImportResult>('import', file, signal) });
      } catch (error) {
        return done(signal.aborted ? { state: 'cancelled' } : { state: 'failed', error: error as Error });
      }
    },
    [settle],
  );
  const show = useCallback(
    async (finished: readonly ImportedFile[]) => {
      const destination = destinationOf(finished);
      switch (destination.kind) {
        case 'trace':
          return navigate({
            to: '/trace/$traceId',
            params: { traceId: destination.traceId },
            search: {},
            replace: true,
          });
        case 'logs': {
          const [start, end] = [millisOfNanos(destination.start), millisOfNanos(destination.end)];
          return navigate({ to: '/logs', search: around(start, end, marginMs), replace: true });
        }
        case 'list':
          return undefined;
      }
    },
    [navigate],
  );
  const open = useCallback(
    (opened: readonly File[]) => {
      if (opened.length === 0) return;
      const entries = opened.map((file): ImportedFile => ({
        id: nextId.current++,
        name: file.name,
        bytes: file.size,
        outcome: { state: 'waiting' },
      }));
      setFiles((all) => [...entries, ...all]);
      void navigate({ to: '/import' });
      turn.current = turn.current.then(async () => {
        const abort = new AbortController();
        running.current = abort;
        const finished: ImportedFile[] = [];
        for (const [n, file] of opened.entries()) finished.push(await read(file, entries[n]!, abort.signal));
        // What is stored now was not when others asked.
        void client.invalidateQueries();
        if (window.location.pathname.endsWith('/import')) await show(finished);
      });
    },
    [client, navigate, read, show],
  );
  const cancel = useCallback(() => running.current?.abort(), []);
  const imports = useMemo(() => ({ files, open, cancel }), [files, open, cancel]);
  return <Context value={imports}>{children}</Context>;
}
