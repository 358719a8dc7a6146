import type { ComponentDefinition } from '@throughline/pipeline';
import { debug } from './exporters/debug/debug.ts';
import { otlpHttp } from './exporters/otlp-http/otlp-http.ts';
import { healthCheck } from './extensions/health-check.ts';
import { otlp } from './receivers/otlp/otlp.ts';

export { debug, healthCheck, otlp, otlpHttp };

/** Every component of this package. */
export const components = [otlp, debug, otlpHttp, healthCheck] as readonly ComponentDefinition[];
