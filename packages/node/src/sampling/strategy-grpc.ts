import { connect } from 'node:http2';
import type { SamplingStrategy } from './strategy.ts';

/** `jaeger.api_v2.SamplingManager/GetSamplingStrategy`; message fields as in Jaeger's sampling.proto. */
export async function grpcStrategy(
  endpoint: URL,
  service: string,
  timeoutMs: number,
): Promise<SamplingStrategy> {
  const session = connect(endpoint.origin);
  session.unref();
  try {
    return await new Promise((resolve, reject) => {
      session.on('error', reject);
      const stream = session.request({
        ':method': 'POST',
        ':path': '/jaeger.api_v2.SamplingManager/GetSamplingStrategy',
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      const chunks: Buffer[] = [];
      let status: unknown;
      const seen = (headers: Record<string, unknown>): unknown => (status = headers['grpc-status'] ?? status);
      stream.on('response', seen).on('trailers', seen);
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream
        .on('error', reject)
        .setTimeout(timeoutMs, () => reject(new Error(`no answer in ${timeoutMs} ms`)));
      stream.on('end', () => {
        const frame = Buffer.concat(chunks);
        if (status === '0' && frame.length >= 5) resolve(strategyIn(frame.subarray(5)));
        else reject(new Error(`gRPC status ${String(status)}`));
      });
      stream.end(request(service));
    });
  } finally {
    session.destroy();
  }
}

/** A frame of gRPC around a message with the name in field 1. */
function request(service: string): Buffer {
  const name = Buffer.from(service).subarray(0, 127);
  const message = Buffer.from([0x0a, name.length, ...name]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function strategyIn(bytes: Buffer): SamplingStrategy {
  const answer: SamplingStrategy = {};
  for (const { field, value } of fieldsOf(bytes)) {
    if (field === 1) answer.strategyType = value === 1 ? 1 : 0;
    if (typeof value === 'number') continue;
    if (field === 2) answer.probabilisticSampling = rateIn(value);
    if (field === 3) answer.rateLimitingSampling = { maxTracesPerSecond: numberIn(value, 1) };
    if (field === 4) answer.operationSampling = operationsIn(value);
  }
  return answer;
}

const operationsIn = (bytes: Buffer): NonNullable<SamplingStrategy['operationSampling']> => ({
  defaultSamplingProbability: numberIn(bytes, 1),
  defaultLowerBoundTracesPerSecond: numberIn(bytes, 2),
  perOperationStrategies: messagesIn(bytes, 3).map((each) => ({
    operation: String(messagesIn(each, 1)[0] ?? ''),
    probabilisticSampling: rateIn(messagesIn(each, 2)[0] ?? Buffer.alloc(0)),
  })),
});

const rateIn = (bytes: Buffer): { samplingRate: number } => ({ samplingRate: numberIn(bytes, 1) });

function numberIn(bytes: Buffer, number: number): number {
  for (const { field, value } of fieldsOf(bytes))
    if (field === number && typeof value === 'number') return value;
  return 0;
}

const messagesIn = (bytes: Buffer, number: number): Buffer[] =>
  [...fieldsOf(bytes)].flatMap(({ field, value }) =>
    field === number && typeof value !== 'number' ? [value] : [],
  );

/** The fields of a protobuf message: varints and doubles as numbers, what has a length as its bytes. */
function* fieldsOf(bytes: Buffer): Generator<{ field: number; value: number | Buffer }> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes.readUInt8(at++);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const field = tag >>> 3;
    const wireType = tag & 7;
    if (wireType === 0) yield { field, value: varint() };
    else if (wireType === 1) {
      yield { field, value: bytes.readDoubleLE(at) };
      at += 8;
    } else if (wireType === 2) {
      const length = varint();
      if (at + length > bytes.length) throw new Error('the answer is cut off');
      yield { field, value: bytes.subarray(at, (at += length)) };
    } else throw new Error(`the answer has wire type ${wireType}`);
  }
}
