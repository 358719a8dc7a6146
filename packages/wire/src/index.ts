export * from './batch.ts';
export { type Checked, checkLogs, checkTraces } from './check.ts';
export { concatBatches } from './concat.ts';
export { decodeEventsAndLinks, decodeLink, decodeLogs, decodeTraces } from './decode.ts';
export { decodeValue } from './decode-value.ts';
export { encodeLogs, encodeTraces } from './encode.ts';
export { logsFromJson, tracesFromJson } from './from-json.ts';
export { Import, type ImportOptions, type ImportProblem, type ImportReport } from './import/import.ts';
export { DocumentTooLarge } from './import/documents.ts';
export { logKey, spanKey } from './import/items.ts';
export type { ImportFormat } from './import/kinds.ts';
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
export { logsToJson, tracesToJson } from './to-json.ts';
