import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { breakdown } from '../examples/frontend-backend/src/breakdown.ts';
import { Example } from './support/frontend-backend.ts';
import { otlpSink } from './support/otlp-sink.ts';
import {
  type Received,
  type SeenSpan,
  durationMs,
  spanNamed,
  traceOnce,
  treeOf,
} from './support/telemetry-receiver.ts';
