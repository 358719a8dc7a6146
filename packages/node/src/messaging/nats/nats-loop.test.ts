import { messagingContract } from '../testing/messaging-contract.test-kit.ts';
import { traced } from '../testing/traced.ts';
import { type NatsClient, hookNats, natsBus } from './nats.test-kit.ts';

hookNats();
const { connect } = await import('nats');

messagingContract(
  traced(),
  (skip) => natsBus(skip, async (servers) => (await connect({ servers })) as unknown as NatsClient, 'loop'),
  {
    "a handler's error marks its span and goes where it would have gone":
      'an iterator is not told with what its loop was left',
  },
);
