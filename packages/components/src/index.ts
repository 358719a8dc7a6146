import type { ComponentDefinition } from '@throughline/pipeline';
import { otlp } from './receivers/otlp/otlp.ts';

export { otlp };

/** Every component of this package. */
export const components = [otlp] as readonly ComponentDefinition[];
