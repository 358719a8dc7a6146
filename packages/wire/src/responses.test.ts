import { expect, test } from 'vitest';
import { exportResponse, exportResponseJson, readExportResponse, rpcStatus, rpcStatusJson } from './index.ts';

test('a full success is an empty message', () => {
  expect(exportResponse(0, undefined)).toHaveLength(0);
  expect(exportResponseJson('traces', 0, undefined)).toBe('{}');
});

test('a warning travels without rejections', () => {
  expect(readExportResponse(exportResponse(0, 'careful'))).toEqual({ rejected: 0, message: 'careful' });
});

test('the JSON of a partial success names what the signal counts', () => {
  expect(exportResponseJson('traces', 2, 'bad')).toBe(
    '{"partialSuccess":{"rejectedSpans":"2","errorMessage":"bad"}}',
  );
  expect(exportResponseJson('logs', 1, 'bad')).toBe(
    '{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"bad"}}',
  );
});

test.each([
  [1500, '1.500s'],
  [2000, '2s'],
  [1, '0.001s'],
  [0, '0s'],
])('a delay of %d ms is %s in JSON', (retryDelayMs, retryDelay) => {
  expect(JSON.parse(rpcStatusJson({ code: 8, message: 'full', retryDelayMs }))).toEqual({
    code: 8,
    message: 'full',
    details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay }],
  });
});

test('a status without delay has no details', () => {
  expect(rpcStatusJson({ code: 3, message: 'bad "x"' })).toBe('{"code":3,"message":"bad \\"x\\""}');
  expect(Buffer.from(rpcStatus({ code: 3, message: 'no' })).toString('hex')).toBe('0803' + '12026e6f');
});
