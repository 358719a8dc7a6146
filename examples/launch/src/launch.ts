import { NotInstalled } from 'throughline-brokers';
import { Stage } from './stage.ts';

/**
 * Runs what `run` starts on the stage of the example `name` until SIGTERM or SIGINT, and ends it: the services first,
 * at most three seconds, then the brokers. The exit code is 1 where `run` throws (a broker that is not to be had says
 * in one line what to install) or a service fails.
 */
export async function launch(name: string, run: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = new Stage(name, end);
  let ending = false;
  async function end(code: number): Promise<void> {
    if (ending) return;
    ending = true;
    await stage.close();
    process.exit(code);
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void end(0));
  endWithNpm(() => void end(0));
  try {
    await run(stage);
    // To whoever starts several: the ports of this one are taken now.
    process.send?.('runs');
  } catch (error) {
    if (!ending)
      process.stderr.write(`${name}: ${error instanceof NotInstalled ? error.message : String(error)}\n`);
    await end(1);
  }
}

/** npm that is killed cannot say so. */
function endWithNpm(end: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const npm = process.ppid;
  setInterval(() => {
    if (process.ppid !== npm) end();
  }, 500).unref();
}
