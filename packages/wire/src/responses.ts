import type { Signal } from './batch.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

// Sources: opentelemetry-proto collector/trace/v1 and collector/logs/v1 (Export…ServiceResponse), googleapis
// google/rpc/status.proto and error_details.proto, and protobuf's JSON mapping.

/** ExportTraceServiceResponse or ExportLogsServiceResponse (their fields have the same numbers); empty if all is well. */
export function exportResponse(rejected: number, reason: string | undefined): Uint8Array {
  const writer = new Writer(64);
  if (rejected === 0 && !reason) return writer.finish();
  const partialSuccess = writer.open(0x0a);
  if (rejected !== 0) {
    writer.varint(0x08);
    writer.varint(rejected);
  }
  if (reason) {
    writer.varint(0x12);
    writer.string(reason);
  }
  writer.close(partialSuccess);
  return writer.finish();
}

export function exportResponseJson(signal: Signal, rejected: number, reason: string | undefined): string {
  if (rejected === 0 && !reason) return '{}';
  const count = signal === 'traces' ? 'rejectedSpans' : 'rejectedLogRecords';
  return JSON.stringify({ partialSuccess: { [count]: String(rejected), errorMessage: reason } });
}

/** What an Export…ServiceResponse says: how many spans or log records the backend did not take, and why. */
export function readExportResponse(bytes: Uint8Array): { rejected: number; message: string } {
  const reader = new Reader(bytes);
  const response = { rejected: 0, message: '' };
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag !== 0x0a) reader.skip(tag);
    else {
      const outer = reader.enter();
      for (let inner = reader.tag(); inner !== 0; inner = reader.tag()) {
        if (inner === 0x08) response.rejected = Number(reader.int64());
        else if (inner === 0x12) response.message = reader.string();
        else reader.skip(inner);
      }
      reader.leave(outer);
    }
  }
  return response;
}

/** google.rpc.Status: the body of every OTLP error. */
export interface RpcStatus {
  /** A gRPC status code: 3 INVALID_ARGUMENT, 8 RESOURCE_EXHAUSTED, … */
  readonly code: number;
  readonly message: string;
  /** When to try again: a RetryInfo among the details. */
  readonly retryDelayMs?: number;
}

const retryInfoType = 'type.googleapis.com/google.rpc.RetryInfo';

export function rpcStatus({ code, message, retryDelayMs }: RpcStatus): Uint8Array {
  const writer = new Writer(128);
  writer.varint(0x08);
  writer.varint64(BigInt(code));
  writer.varint(0x12);
  writer.string(message);
  if (retryDelayMs !== undefined) {
    const detail = writer.open(0x1a);
    writer.varint(0x0a);
    writer.string(retryInfoType);
    const retryInfo = writer.open(0x12);
    writeDuration(writer, 0x0a, retryDelayMs);
    writer.close(retryInfo);
    writer.close(detail);
  }
  return writer.finish();
}

export function rpcStatusJson({ code, message, retryDelayMs }: RpcStatus): string {
  if (retryDelayMs === undefined) return JSON.stringify({ code, message });
  const retryDelay = `${(Math.round(retryDelayMs) / 1000).toFixed(3).replace(/\.000$/, '')}s`;
  return JSON.stringify({ code, message, details: [{ '@type': retryInfoType, retryDelay }] });
}

export function readRpcStatus(bytes: Uint8Array): RpcStatus {
  const reader = new Reader(bytes);
  const status: { code: number; message: string; retryDelayMs?: number } = { code: 0, message: '' };
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x08) status.code = reader.int32();
    else if (tag === 0x12) status.message = reader.string();
    else if (tag === 0x1a) {
      const delay = readRetryInfo(reader.view());
      if (delay !== undefined) status.retryDelayMs = delay;
    } else reader.skip(tag);
  }
  return status;
}

/** The delay in milliseconds in a google.protobuf.Any, if it is a RetryInfo. */
function readRetryInfo(any: Uint8Array): number | undefined {
  let type = '';
  let delay = 0;
  const reader = new Reader(any);
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) type = reader.string();
    else if (tag === 0x12) delay = readDelay(reader.view());
    else reader.skip(tag);
  }
  return type.endsWith('/google.rpc.RetryInfo') ? delay : undefined;
}

/** The delay in milliseconds in a google.rpc.RetryInfo. */
function readDelay(retryInfo: Uint8Array): number {
  let delay = 0;
  const reader = new Reader(retryInfo);
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag !== 0x0a) {
      reader.skip(tag);
      continue;
    }
    const outer = reader.enter();
    for (let inner = reader.tag(); inner !== 0; inner = reader.tag()) {
      if (inner === 0x08) delay += Number(reader.int64()) * 1000;
      else if (inner === 0x10) delay += reader.int32() / 1_000_000;
      else reader.skip(inner);
    }
    reader.leave(outer);
  }
  return delay;
}

/** A field with a google.protobuf.Duration. */
function writeDuration(writer: Writer, tag: number, ms: number): void {
  const whole = Math.round(ms);
  const duration = writer.open(tag);
  writer.varint(0x08);
  writer.varint(Math.floor(whole / 1000));
  writer.varint(0x10);
  writer.varint((whole % 1000) * 1_000_000);
  writer.close(duration);
}
