import { otlp } from '@throughline/components';
import { startReceiver } from '@throughline/components/testing';

// An OTLP receiver in a process of its own, whose pipelines keep nothing. Tells its URLs, and when asked, the most
// memory that the process has held, in bytes.

const endpoint = '127.0.0.1:0';
const { urls, traces } = await startReceiver(otlp, { protocols: { http: { endpoint }, grpc: { endpoint } } });
traces.consume = async () => {};
process.send?.(urls);
process.on('message', () => process.send?.(process.resourceUsage().maxRSS * 1024));
process.on('disconnect', () => process.exit());
