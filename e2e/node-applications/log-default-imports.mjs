import pino from 'pino';
import winston from 'winston';
import { logAll } from './log-all.cjs';

logAll({ pino, winston });
