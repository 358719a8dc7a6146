export type { ApiOptions, RuntimeStatus } from './options.ts';
export { createApi, type Api } from './create-api.ts';
export { serveApi, type ServedApi } from './serve.ts';
