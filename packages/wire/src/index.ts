export * from './batch.ts';
export { type Checked, checkLogs, checkTraces } from './check.ts';
export { concatBatches } from './concat.ts';
export { Reader } from './reader.ts';
export {
  exportResponse,
  exportResponseJson,
  readExportResponse,
  readRpcStatus,
  type RpcStatus,
  rpcStatus,
  rpcStatusJson,
} from './responses.ts';
export { Writer } from './writer.ts';
