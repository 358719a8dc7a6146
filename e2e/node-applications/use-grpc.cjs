// All four kinds of gRPC calls, ones that fail, one that is given up, and metadata in both directions.
const { trace } = require('@opentelemetry/api');
const path = require('node:path');

const kinds = { Unary: [false, false], Collect: [true, false], Count: [false, true], Chat: [true, true] };
const text = { serialize: (value) => Buffer.from(value), deserialize: (bytes) => bytes.toString() };

/** As protoc would make it: `demo.v1.Echo` with a method for each kind. */
const service = Object.fromEntries(
  Object.entries(kinds).map(([name, [requestStream, responseStream]]) => [
    name,
    {
      path: `/demo.v1.Echo/${name}`,
      originalName: name[0].toLowerCase() + name.slice(1),
      requestStream,
      responseStream,
      requestSerialize: text.serialize,
      requestDeserialize: text.deserialize,
      responseSerialize: text.serialize,
      responseDeserialize: text.deserialize,
    },
  ]),
);

/** What the handlers are called with, and what they answer: their own context, which must be the server's span. */
const handlers = (grpc) => ({
  Unary: (call, answer) => {
    if (call.request === 'never') return;
    if (call.request === 'throw') throw new Error('the handler is broken');
    if (call.request === 'missing') return answer({ code: grpc.status.NOT_FOUND, details: 'nobody here' });
    if (call.request === 'broken') return answer({ code: grpc.status.INTERNAL, details: 'out of order' });
    const trailer = new grpc.Metadata();
    trailer.set('weight', '3');
    answer(null, `${call.metadata.get('traceparent')}`, trailer);
  },
  Collect: (call, answer) => {
    const parts = [];
    call.on('data', (part) => parts.push(part));
    call.on('end', () => answer(null, `${parts.join('+')} ${trace.getActiveSpan().spanContext().spanId}`));
  },
  Count: (call) => {
    for (let i = 0; i < Number(call.request); i++) call.write(String(i));
    if (call.request === '0') call.emit('error', { code: grpc.status.UNAVAILABLE, details: 'no' });
    else if (call.request !== '1000') call.end();
  },
  Chat: (call) => {
    call.on('data', (part) => call.write(part.toUpperCase()));
    call.on('end', () => call.end());
  },
});

const streamed = (call) =>
  new Promise((done, fail) => {
    const caller = trace.getActiveSpan();
    const parts = [];
    call.on('data', (part) => parts.push(part));
    call.on('error', fail);
    call.on('end', () => done([trace.getActiveSpan() === caller, parts.join('')]));
  });

exports.useGrpc = async (grpc, { inSpan, viaCallback }) => {
  const server = new grpc.Server();
  server.addService(service, handlers(grpc));
  const port = await new Promise((done) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (_error, bound) => done(bound)),
  );
  const Echo = grpc.makeClientConstructor(service, 'Echo');
  const client = new Echo(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const unary = (request, options = {}) =>
    viaCallback((done) =>
      client.Unary(request, options, (error, answer) => done(error ? error.code : answer)),
    );

  await inSpan('grpc unary', () => unary('hello'));
  const kept = new grpc.Metadata();
  kept.set('tenant', 'blue');
  await inSpan('grpc metadata', async () => {
    const trailers = await new Promise((done) => {
      client.Unary('hello', kept, () => {}).on('status', ({ metadata }) => done(metadata));
    });
    return [trailers.get('weight'), Object.keys(kept.getMap())];
  });
  await inSpan('grpc no metadata', () =>
    viaCallback((done) => client.Unary('hello', undefined, (error) => done(error?.code))),
  );
  await inSpan('grpc client stream', () =>
    viaCallback((done) => {
      const call = client.Collect((_error, answer) => done(answer));
      call.write('a');
      call.write('b');
      call.end();
    }),
  );
  await inSpan('grpc server stream', () => streamed(client.Count('3')));
  await inSpan('grpc bidi', () => {
    const call = client.Chat();
    const answer = streamed(call);
    call.write('x');
    call.end('y');
    return answer;
  });
  await inSpan('grpc not found', () => unary('missing'));
  await inSpan('grpc internal', () => unary('broken'));
  await inSpan('grpc stream error', () => streamed(client.Count('0')));
  await inSpan('grpc handler throws', () => unary('throw'));
  await inSpan('grpc stream given up', () => {
    const call = client.Count('1000');
    call.once('data', () => call.cancel());
    return streamed(call);
  });
  await inSpan('grpc deadline', () => unary('never', { deadline: Date.now() + 100 }));
  const { loadSync } = require('@grpc/proto-loader');
  const loaded = grpc.loadPackageDefinition(loadSync(path.join(__dirname, 'echo.proto')));
  const other = new loaded.demo.v1.Echo(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  await inSpan('grpc loaded proto', () =>
    viaCallback((done) => other.unary({}, (error) => done(error?.code))),
  );
  other.close();
  client.close();
  server.forceShutdown();
};
