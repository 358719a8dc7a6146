import { Redis } from 'ioredis';
import { messagingContract } from '../testing/messaging-contract.test-kit.ts';
import { traced } from '../testing/traced.ts';
import { redisBus } from './contract.test-kit.ts';

messagingContract(traced(), (skip) =>
  redisBus(skip, async (url) => {
    const [publisher, subscriber] = [new Redis(url), new Redis(url)];
    return {
      publisher,
      subscriber,
      close: async () => {
        await publisher.quit();
        await subscriber.quit();
      },
    };
  }),
);
