import { HttpError, type Answer, type Request, type Route } from '../../http/route.ts';
import { NotValid, type Piece } from '../../config/piece.ts';
import type { Api } from './api.ts';
import { fromBody } from './body.ts';

const base = '/api/v1_beta/runtime_config/logger';
/** Everything of Tornado's own goes to the tracing back-end. */
const apmLevel = 'info,tornado=debug';

/** What is logged and traced, and where it goes, changed while the engine runs. `configured` is the level of its file. */
export function runtimeConfigRoutes(api: Api, configured: string): Route[] {
  const { telemetry } = api;
  return [
    {
      method: 'GET',
      path: base,
      handle: ({ message }) => {
        api.auth.caller(message).mustHave('RuntimeConfigView', 'RuntimeConfigEdit');
        const { level, stdout, apm } = telemetry;
        return { status: 200, body: { level, stdout_enabled: stdout, apm_enabled: apm } };
      },
    },
    post(api, '/level', (body) => setLevel(api, body.at('level'))),
    post(api, '/apm', (body) => {
      telemetry.apm = body.at('enabled').bool();
    }),
    post(api, '/stdout', (body) => {
      telemetry.stdout = body.at('enabled').bool();
    }),
    post(api, '/set_apm_priority_configuration', (body) => {
      const level = body.at('logger_level');
      if (level.isMissing) telemetry.setLevel(apmLevel);
      else setLevel(api, level);
      telemetry.apm = true;
      telemetry.stdout = false;
    }),
    post(api, '/set_stdout_priority_configuration', () => {
      telemetry.setLevel(configured);
      telemetry.apm = false;
      telemetry.stdout = true;
    }),
  ];
}

function setLevel({ telemetry }: Api, piece: Piece): void {
  try {
    telemetry.setLevel(piece.text());
  } catch (error) {
    throw error instanceof NotValid ? error : new HttpError(400, (error as Error).message);
  }
}

function post(api: Api, path: string, change: (body: Piece) => void): Route {
  const handle = async ({ message }: Request): Promise<Answer> => {
    const caller = api.auth.caller(message);
    caller.mustHave('RuntimeConfigEdit');
    await fromBody(message, api.maxBodyBytes, change);
    const { level, stdout, apm } = api.telemetry;
    api.telemetry.log('info', `The logger is changed by ${caller.user}`, { level, stdout, apm });
    return { status: 200 };
  };
  return { method: 'POST', path: base + path, handle };
}
