import { pino } from 'pino';
import { service } from './telemetry.ts';

/** Lines written inside a span have its ids, and are sent to the agent as well. */
export const log = pino({ name: service });
