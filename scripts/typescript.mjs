// Lets Node run TypeScript, in every thread: `--import tsx` leaves worker threads out on Node 20.
import { register } from 'tsx/esm/api';

register();
