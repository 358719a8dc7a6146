import { Reader } from '@throughline/wire';
import type { Method } from '../../net/grpc-intake.ts';
import { grpcCode, Refused } from '../../net/outcome.ts';

export const healthPath = '/grpc.health.v1.Health/Check';

/** HealthCheckResponse with status SERVING. */
const serving = Uint8Array.of(0x08, 0x01);

/**
 * What Kubernetes' gRPC probes and load balancers ask (grpc-proto, health.proto): whether the whole server, or one of
 * `services`, is being served. Who answers at all, serves.
 */
export function healthCheckOf(services: readonly string[]): Method {
  return async (request) => {
    const service = serviceIn(request);
    if (service === '' || services.includes(service)) return serving;
    throw new Refused(grpcCode.notFound, 404, `unknown service ${service}`);
  };
}

function serviceIn(request: Uint8Array): string {
  const reader = new Reader(request);
  let service = '';
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) service = reader.string();
    else reader.skip(tag);
  }
  return service;
}
