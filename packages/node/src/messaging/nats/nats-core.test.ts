import { messagingContract } from '../testing/messaging-contract.test-kit.ts';
import { traced } from '../testing/traced.ts';
import { type NatsClient, hookNats, natsBus } from './nats.test-kit.ts';

hookNats();
const { connect } = await import('@nats-io/transport-node');

messagingContract(traced(), (skip) =>
  natsBus(skip, async (servers) => (await connect({ servers })) as unknown as NatsClient, 'callback'),
);
