import { components } from '@throughline/components';
import { createRegistry } from '@throughline/pipeline';
import { throughlineExporter } from '@throughline/store';
import { throughlineQuery } from './throughline-query.ts';

/** Every component that the program knows. */
export const registry = createRegistry([...components, throughlineExporter, throughlineQuery]);
