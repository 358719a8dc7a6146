export { serveApi, type ServedApi } from './serve-api.ts';
