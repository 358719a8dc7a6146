export * from './byte-size.ts';
export * from './cors.ts';
export * from './duration.ts';
export * from './endpoint.ts';
export * from './secret.ts';
export * from './sending.ts';
export * from './tls.ts';
