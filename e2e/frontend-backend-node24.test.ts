import { describe, test } from 'vitest';
import { anotherNode } from './support/another-node.ts';
import { frontendBackendChecks } from './support/frontend-backend-checks.ts';
import { otlpSink } from './support/otlp-sink.ts';
import { skipHere } from './support/skip-here.ts';

const { path, missing } = await anotherNode(24);

describe('the frontend-backend example on Node 24', () => {
  if (path) frontendBackendChecks(otlpSink, { NODE: path });
  else test('is not run', (context) => skipHere(context, missing));
});
