import type { Consumer } from 'kafkajs';
import { messagingContract } from '../testing/messaging-contract.test-kit.ts';
import { traced } from '../testing/traced.ts';
import { kafkaJs } from './kafkajs.test-kit.ts';

messagingContract(traced(), async (skip) => {
  const kafka = await kafkaJs(skip);
  if (!kafka) return undefined;
  let newest: Consumer | undefined;
  return {
    destination: () => kafka.topic(),
    send: async (topic, value) => void (await kafka.producer.send({ topic, messages: [{ value }] })),
    sendPlainly: async (topic, value, traceparent) => {
      const headers = traceparent ? { Traceparent: traceparent } : {};
      await kafka.plain.send({ topic, messages: [{ value, headers }] });
    },
    receive: async (topic, eachMessage) => {
      newest = await kafka.consume(topic, { eachMessage });
    },
    receivePlainly: async (topic, eachMessage) =>
      void (await kafka.consume(topic, { eachMessage, plainly: true })),
    handlerError: () =>
      new Promise((resolve) => {
        newest?.on('consumer.crash', ({ payload }) => resolve(payload.error));
      }),
    close: () => kafka.stop(),
  };
});
