import type { Warning } from '@throughline/query/api';

/** What a warning means and what to do about it, for people. */
export const warningTexts: Record<Warning['kind'], { title: string; help: string }> = {
  missing_parent: {
    title: 'Missing parents',
    help: 'Spans name a parent that is not stored: it has not arrived, was not sampled, was lost, or its service sends elsewhere. They stand below a “missing span” row.',
  },
  missing_root: {
    title: 'No root span',
    help: 'No span without a parent has arrived. The trace may still be running, or its first service does not send its spans here.',
  },
  clock_skew: {
    title: 'Clocks differ',
    help: 'Spans start before their parent does, so the clocks of their machines differ. They are drawn as they were reported; nothing is adjusted.',
  },
  still_arriving: {
    title: 'Still arriving',
    help: 'Spans have arrived in the last moments. The view is brought up to date by itself.',
  },
  duplicate_span_id: {
    title: 'Span ids that occur twice',
    help: 'Several spans have the same id. Their children are drawn below one of them.',
  },
  cycle: {
    title: 'Parents in a circle',
    help: 'Spans name each other as parents. The circle is opened at its earliest span, which is drawn as a root.',
  },
};
