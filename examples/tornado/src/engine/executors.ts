import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../config/load.ts';
import type { Piece } from '../config/piece.ts';
import { ActionRunner } from '../executors/action-runner.ts';
import { archiveExecutor, archiveSettings } from '../executors/archive.ts';
import { foreachExecutor } from '../executors/foreach.ts';
import { loggerExecutor } from '../executors/logger.ts';
import { parseRetryStrategy } from '../executors/retry-strategy.ts';
import { scriptExecutor } from '../executors/script.ts';
import { sendDocument } from '../executors/send-document.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

/** All executors, as `[tornado.daemon]` and `archive_executor.toml` in `folder` say. */
export function actionRunner(
  daemon: Piece,
  folder: string,
  telemetry: Telemetry,
  metrics: Metrics,
): ActionRunner {
  const runner = new ActionRunner(telemetry, metrics);
  const retry = parseRetryStrategy(daemon.at('retry_strategy'));
  const retried = { retry, atOnce: threads(daemon.at('thread_pool_config')) };
  runner.register('logger', { executor: loggerExecutor(telemetry), ...retried });
  runner.register('script', { executor: scriptExecutor(folder), ...retried });
  runner.register('elasticsearch', { executor: sendDocument, ...retried });
  const archive = join(folder, 'archive_executor.toml');
  if (existsSync(archive)) {
    const settings = archiveSettings(loadConfig(archive, process.env, 'ARCHIVE'), folder);
    runner.register('archive', { executor: archiveExecutor(settings), ...retried });
  }
  // It waits for the actions that it begins, which have their own turn and retries.
  const foreach = foreachExecutor(telemetry, (action) => runner.run(action));
  runner.register('foreach', { executor: foreach, atOnce: Infinity });
  return runner;
}

/** `thread_pool_config`: how many actions of an id are executed at a time. */
function threads(piece: Piece): number {
  if (piece.at('type').oneOf(['CPU', 'Fixed'], 'CPU') === 'Fixed') return piece.at('size').number();
  return Math.max(1, Math.ceil(availableParallelism() * piece.at('factor').number(1)));
}
