import { z } from 'zod';
import { duration, positiveDuration } from './duration.ts';

/** When a failed delivery is tried again, with the Collector's keys. */
export function retryOnFailure() {
  return z
    .strictObject({
      enabled: z.boolean().default(true).describe('Try again after a failure; `false` drops what failed.'),
      initialInterval: positiveDuration().prefault('1s').describe('Wait after the first failure.'),
      randomizationFactor: z
        .number()
        .min(0)
        .max(1)
        .default(0.5)
        .describe('Each wait is changed by chance by up to this share of it.'),
      multiplier: z
        .number()
        .min(1)
        .default(1.5)
        .describe('How much longer each wait is than the one before.'),
      maxInterval: positiveDuration().prefault('30s').describe('Longest wait.'),
      maxElapsedTime: duration()
        .prefault('0s')
        .describe(
          "Give up, and drop, what could not be sent for this long. `0s`: never, the journal keeps it. (The Collector's default is 5m.)",
        ),
    })
    .refine((retry) => retry.maxElapsedTime === 0 || retry.maxElapsedTime >= retry.initialInterval, {
      error: 'must not be less than initial_interval',
      path: ['maxElapsedTime'],
    })
    .refine((retry) => retry.maxElapsedTime === 0 || retry.maxElapsedTime >= retry.maxInterval, {
      error: 'must not be less than max_interval',
      path: ['maxElapsedTime'],
    })
    .prefault({})
    .describe('What happens when the backend cannot take the data now.');
}

export type RetryOnFailure = z.output<ReturnType<typeof retryOnFailure>>;

const unused = 'Accepted without effect.';

/** The Collector's queue settings: read and checked, and then served by the journal, which every exporter has. */
export function sendingQueue() {
  return z
    .strictObject({
      enabled: z.boolean().default(true).describe(unused),
      numConsumers: z.int().positive().default(1).describe(unused),
      queueSize: z.int().positive().optional().describe(unused),
      storage: z.string().optional().describe(unused),
      sizer: z.enum(['requests', 'items', 'bytes']).optional().describe(unused),
      waitForResult: z.boolean().optional().describe(unused),
      blockOnOverflow: z.boolean().optional().describe(unused),
      batch: z
        .strictObject({
          flushTimeout: positiveDuration().optional().describe('How long to wait for a request to fill.'),
          minSize: z.int().nonnegative().optional().describe(unused),
          maxSize: z
            .int()
            .nonnegative()
            .optional()
            .describe(
              'Most bytes that one request holds, where `sizer` is `bytes`; otherwise without effect.',
            ),
          sizer: z.enum(['items', 'bytes']).optional().describe('What `max_size` counts.'),
        })
        .optional()
        .describe('How much one request holds.'),
    })
    .prefault({})
    .describe(
      "Accepted so that the Collector's files run; the journal is the queue, on disk, and its size is `service.journal.max_size`.",
    );
}

/** How long one attempt may take. */
export function timeout(standard = '5s') {
  return duration().prefault(standard).describe('How long one attempt may take; `0s`: as long as it likes.');
}
