export { systemClock, type Clock } from './clock.ts';
export * from './component.ts';
export * from './config/index.ts';
export { Graph } from './graph.ts';
export * from './journal-range.ts';
export { type Pipeline, type PipelineStatus } from './pipeline.ts';
export * from './receiver-metrics.ts';
export { type World } from './world.ts';
