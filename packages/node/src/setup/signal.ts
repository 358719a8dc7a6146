/** As variables spell it. */
export type Signal = 'TRACES' | 'LOGS';
