import { describe, expect, test, vi } from 'vitest';
import { setup } from './doctor.test-kit.ts';

const { found } = setup();

describe('the settings in force', () => {
  test('are well by default', async () => {
    expect(await found('settings')).toEqual([
      'ok sampler: AlwaysOnSampler, where there is no parent that decides',
      'ok propagators: traceparent, tracestate, baggage',
    ]);
  });

  test('are a problem where nothing is sampled, passed on or traced at all', async () => {
    vi.stubEnv('OTEL_TRACES_SAMPLER', 'parentbased_always_off');
    vi.stubEnv('OTEL_PROPAGATORS', 'none');
    expect(await found('settings')).toEqual([
      'problem sampler: AlwaysOffSampler, where there is no parent that decides',
      'problem propagators: none',
    ]);
    vi.stubEnv('OTEL_SDK_DISABLED', 'true');
    expect(await found('settings')).toEqual(['problem tracing: off']);
  });

  test('deserve a warning where traceparent is not among the propagators', async () => {
    vi.stubEnv('OTEL_PROPAGATORS', 'b3');
    expect((await found('settings'))[1]).toBe('warning propagators: b3');
  });
});
