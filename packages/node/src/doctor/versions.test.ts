import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { setup } from './doctor.test-kit.ts';
import { versionsIn } from './versions.ts';

const { examined } = setup();

describe('versions', () => {
  const install = (path: string, version: string): void => {
    const own = join(examined.folder, 'node_modules', path);
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, 'package.json'), JSON.stringify({ version }));
  };
  const lines = (node?: string): string[] =>
    versionsIn(examined.folder, node)
      .filter(({ status }) => status !== 'ok')
      .map(({ status, subject, found: what }) => `${status} ${subject}: ${what}`);

  test('that go together are well', () => {
    install('@opentelemetry/api', '1.9.1');
    install('other/node_modules/@opentelemetry/api', '1.4.0');
    install('@opentelemetry/core', '2.12.0');
    expect(lines()).toEqual([]);
  });

  test('of the API that cannot use what is registered are a problem', () => {
    install('other/node_modules/@opentelemetry/api', '1.10.0');
    expect(lines()).toEqual([
      'problem @opentelemetry/api: 1.10.0 in node_modules/other/node_modules/@opentelemetry/api cannot use the tracing that 1.9.1 registers: what is made through it is lost',
    ]);
  });

  test('of two lines, copies of an instrumentation and rivals deserve a warning', () => {
    install('@opentelemetry/core', '2.12.0');
    install('other/node_modules/@opentelemetry/core', '3.1.1');
    install('@opentelemetry/instrumentation-http', '0.223.0');
    install('other/node_modules/@opentelemetry/instrumentation-http', '0.200.0');
    install('dd-trace', '6.0.0');
    expect(lines()).toEqual([
      'warning OpenTelemetry SDK: lines 2 and 3 side by side: 3.1.1 in node_modules/other/node_modules/@opentelemetry/core',
      'warning @opentelemetry/instrumentation-http: 2 copies: 0.223.0 in node_modules/@opentelemetry/instrumentation-http, 0.200.0 in node_modules/other/node_modules/@opentelemetry/instrumentation-http',
      'warning dd-trace: 6.0.0 is installed too',
    ]);
  });

  test('of Node that are too old are a problem', () => {
    expect(lines('18.20.0')).toEqual(['problem Node: 18.20.0']);
    expect(lines('20.19.0')).toEqual([]);
  });
});
