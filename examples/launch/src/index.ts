export { launch } from './launch.ts';
export type { ServiceOptions, Stage } from './stage.ts';
export { kafka, nats, redis } from 'throughline-brokers';
