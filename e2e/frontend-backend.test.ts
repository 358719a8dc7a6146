import { describe } from 'vitest';
import { frontendBackendChecks } from './support/frontend-backend-checks.ts';
import { otlpSink } from './support/otlp-sink.ts';

describe('the frontend-backend example, as it sends', () => frontendBackendChecks(otlpSink));
