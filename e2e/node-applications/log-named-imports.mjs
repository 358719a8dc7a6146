import { destination, pino } from 'pino';
import { createLogger, format, transports } from 'winston';
import { logAll } from './log-all.cjs';

logAll({
  pino: Object.assign((...args) => pino(...args), { destination }),
  winston: { createLogger, format, transports },
});
