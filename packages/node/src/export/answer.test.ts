import { afterEach, describe, expect, test, vi } from 'vitest';
import { referenceEncode } from '../../../wire/src/otlp.test-kit.ts';
import { grpcAnswer, httpAnswer } from './answer.ts';

const protobuf = { 'content-type': 'application/x-protobuf' };
const nothing = Buffer.alloc(0);
const partly = Buffer.from(
  referenceEncode('ExportResponse', { partialSuccess: { rejected: 300, errorMessage: 'too old' } }),
);

afterEach(() => vi.useRealTimers());

describe('an answer over HTTP', () => {
  test('takes all, or all but some', () => {
    expect(httpAnswer(200, 'OK', protobuf, nothing)).toEqual({ kind: 'taken', rejected: 0, message: '' });
    expect(httpAnswer(200, 'OK', protobuf, partly)).toEqual({
      kind: 'taken',
      rejected: 300,
      message: 'too old',
    });
    expect(httpAnswer(202, 'Accepted', {}, Buffer.from('{}'))).toEqual({
      kind: 'taken',
      rejected: 0,
      message: '',
    });
  });

  test.each([429, 502, 503, 504])('of %i is asked again', (status) => {
    expect(httpAnswer(status, 'Later', {}, nothing)).toEqual({
      kind: 'later',
      why: new Error(`${status} Later`),
    });
  });

  test.each([301, 400, 401, 404, 413, 500, 501])('of %i is final', (status) => {
    expect(httpAnswer(status, 'No', {}, nothing).kind).toBe('refused');
  });

  test('says when to come back, in seconds or as a date', () => {
    vi.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z') });
    const after = (header: string) => httpAnswer(503, '', { 'retry-after': header }, nothing);
    expect(after('7')).toMatchObject({ afterMs: 7000 });
    expect(after('Thu, 01 Jan 2026 00:00:09 GMT')).toMatchObject({ afterMs: 9000 });
    expect(after('Thu, 01 Jan 2025 00:00:09 GMT')).toMatchObject({ afterMs: 0 });
    expect(after('99999999')).toMatchObject({ afterMs: 3_600_000 });
    expect(after('soon')).not.toHaveProperty('afterMs');
  });

  test('tells why, as google.rpc.Status or as text', () => {
    const status = Buffer.from(referenceEncode('RpcStatus', { code: 3, message: 'span has no name' }));
    expect(httpAnswer(400, 'Bad Request', protobuf, status)).toMatchObject({
      why: new Error('400 Bad Request: span has no name'),
    });
    expect(
      httpAnswer(401, 'Unauthorized', { 'content-type': 'text/plain' }, Buffer.from('who are you?\n')),
    ).toMatchObject({
      why: new Error('401 Unauthorized: who are you?'),
    });
  });

  test('that is cut short or no protobuf takes all', () => {
    for (let size = 0; size < partly.length; size++)
      expect(httpAnswer(200, 'OK', protobuf, partly.subarray(0, size)).kind).toBe('taken');
    expect(httpAnswer(200, 'OK', protobuf, Buffer.from('<html>'))).toMatchObject({
      kind: 'taken',
      rejected: 0,
    });
  });
});

describe('an answer over gRPC', () => {
  const retryInfo = (delay: object, code = 8): string =>
    Buffer.from(
      referenceEncode('RpcStatus', {
        code,
        details: [
          {
            typeUrl: 'type.googleapis.com/google.rpc.RetryInfo',
            value: Buffer.from(referenceEncode('RetryInfo', { retryDelay: delay })).toString('base64'),
          },
        ],
      }),
    ).toString('base64');

  test('takes all but some', () => {
    expect(grpcAnswer(0, {}, partly)).toEqual({ kind: 'taken', rejected: 300, message: 'too old' });
  });

  test.each([1, 4, 10, 11, 14, 15])('of %i is asked again', (code) => {
    expect(grpcAnswer(code, {}, nothing).kind).toBe('later');
  });

  test.each([2, 3, 5, 6, 7, 9, 12, 13, 16])('of %i is final', (code) => {
    expect(grpcAnswer(code, {}, nothing).kind).toBe('refused');
  });

  test('that its resources are used up is asked again only where it says when', () => {
    expect(grpcAnswer(8, {}, nothing).kind).toBe('refused');
    const details = { 'grpc-status-details-bin': retryInfo({ seconds: 2, nanos: 500_000_000 }) };
    expect(grpcAnswer(8, details, nothing)).toEqual({
      kind: 'later',
      why: new Error('RESOURCE_EXHAUSTED'),
      afterMs: 2500,
    });
  });

  test('that it is away may say when it is back, and why', () => {
    const trailers = {
      'grpc-status-details-bin': retryInfo({ seconds: 4 }, 14),
      'grpc-message': 'full%20disk%21',
    };
    expect(grpcAnswer(14, trailers, nothing)).toEqual({
      kind: 'later',
      why: new Error('UNAVAILABLE: full disk!'),
      afterMs: 4000,
    });
  });
});
