// Writes the same lines inside a span and outside of one with every logger, on standard output.
const { trace } = require('@opentelemetry/api');

exports.logAll = ({ pino, winston }) => {
  const toPino = pino({ base: null }, pino.destination({ sync: true }));
  const toWinston = winston.createLogger({
    format: winston.format.json(),
    transports: [new winston.transports.Console()],
  });
  const loggers = {
    pino: (message) => toPino.warn({ sku: 'a-1' }, message),
    winston: (message) => toWinston.warn(message, { sku: 'a-1' }),
    console: (message) => console.warn(JSON.stringify({ message, sku: 'a-1' })),
  };
  for (const [name, log] of Object.entries(loggers)) {
    log(`${name} outside`);
    trace.getTracer('application').startActiveSpan(name, (span) => {
      log(`${name} inside`);
      span.end();
    });
  }
  trace.getTracer('application').startActiveSpan('other lines', (span) => {
    console.log('{"message": "spaced" }\n');
    console.log('{}');
    console.log('{"message":"own","trace_id":"of its own"}');
    console.log('plain', { message: 'two arguments' });
    console.log('[1]');
    console.log('{not JSON}');
    span.end();
  });
};
