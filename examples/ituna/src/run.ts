import { kafka, launch } from 'throughline-example-launch';

// Runs Kafka and the five processes until SIGTERM or SIGINT. `--no-tracing`: without any tracing.
const options = process.argv.slice(2);
const unknown = options.filter((option) => option !== '--no-tracing');

await launch('ituna', async (stage) => {
  if (unknown.length > 0) throw new Error(`${unknown.join(' ')} is not known; there is only --no-tracing`);
  const tracing = !options.includes('--no-tracing');
  if (tracing) await stage.otlp();
  const broker = await stage.broker(kafka);
  const env = { KAFKA_BROKERS: broker.url, ...(!tracing && { ITUNA_TRACING: 'off' }) };
  // Those who wait for orders first.
  stage.service('kitchen-service', env);
  stage.service('order-validation', env);
  stage.service('on-site-ordering', env);
  stage.service('website-ordering', env);
  stage.service('direct-kitchen-ordering', env);
  stage.say(`orders arrive every few seconds at Kafka ${broker.url}; the log is ituna.log`);
});
