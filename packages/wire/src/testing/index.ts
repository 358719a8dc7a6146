export { traceFromText, textOfTrace } from './trace-text.ts';
