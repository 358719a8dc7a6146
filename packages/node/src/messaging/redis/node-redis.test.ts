import { createClient } from 'redis';
import { messagingContract } from '../testing/messaging-contract.test-kit.ts';
import { traced } from '../testing/traced.ts';
import { redisBus } from './contract.test-kit.ts';

messagingContract(traced(), (skip) =>
  redisBus(skip, async (url) => {
    const publisher = await createClient({ url }).connect();
    const subscriber = await publisher.duplicate().connect();
    return {
      publisher,
      subscriber,
      close: async () => {
        await publisher.close();
        await subscriber.close();
      },
    };
  }),
);
