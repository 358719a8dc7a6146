export { type Broker, NotInstalled } from './broker.ts';
