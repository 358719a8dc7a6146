import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Piece } from '../config/piece.ts';
import { parseFilter } from './levels.ts';

/** `[logger]` in the configuration of every process. */
export interface LoggerSettings {
  /** Which spans and log lines there are, as in `warn,tornado=debug`. */
  level: string;
  stdout: boolean;
  /** Log lines are appended to it. */
  file: string | undefined;
  /** Whether anything is exported at the start. */
  apm: boolean;
  /** Whether log lines are exported as log records too, besides being events of their spans. */
  otlpLogs: boolean;
}

export function loggerSettings(piece: Piece): LoggerSettings {
  piece.only('level', 'stdout_output', 'file_output_path', 'otlp_output', 'tracing_elastic_apm');
  const apm = piece.at('tracing_elastic_apm');
  const level = piece.at('level');
  try {
    parseFilter(level.text('info'));
  } catch (error) {
    level.fail((error as Error).message);
  }
  return {
    level: level.text('info'),
    stdout: piece.at('stdout_output').bool(true),
    file: piece.at('file_output_path').isMissing ? undefined : piece.at('file_output_path').text(),
    apm: apm.at('apm_output').bool(false),
    otlpLogs: piece.at('otlp_output').bool(false),
  };
}

/**
 * What `[logger.tracing_elastic_apm]` says about the export, as the standard variables of OpenTelemetry; where a server is
 * named it is one of Elastic's, which takes OTLP over gRPC and a key, from here or from
 * `apm_server_api_credentials.json` in `folder`. What the environment says wins.
 */
export function exportVariables(piece: Piece, folder: string): Record<string, string> {
  if (piece.isMissing) return {};
  piece.only('apm_output', 'apm_server_url', 'apm_server_api_credentials', 'exporter');
  const exporter = piece.at('exporter');
  const variables: Record<string, string> = {};
  for (const [key, variable] of Object.entries(batch)) {
    if (!exporter.at(key).isMissing) variables[variable] = String(exporter.at(key).number());
  }
  if (!piece.at('apm_server_url').isMissing) {
    variables['OTEL_EXPORTER_OTLP_ENDPOINT'] = piece.at('apm_server_url').text();
    variables['OTEL_EXPORTER_OTLP_PROTOCOL'] = 'grpc';
  }
  const credentials = credentialsIn(piece, join(folder, 'apm_server_api_credentials.json'));
  if (!credentials.isMissing) {
    const key = `${credentials.at('id').text()}:${credentials.at('key').text()}`;
    const header = `ApiKey ${Buffer.from(key).toString('base64')}`;
    variables['OTEL_EXPORTER_OTLP_HEADERS'] = `authorization=${encodeURIComponent(header)}`;
  }
  return variables;
}

function credentialsIn(piece: Piece, file: string): Piece {
  const given = piece.at('apm_server_api_credentials');
  if (!given.isMissing || !existsSync(file)) return given;
  return new Piece(JSON.parse(readFileSync(file, 'utf8')), file);
}

const batch = {
  max_queue_size: 'OTEL_BSP_MAX_QUEUE_SIZE',
  scheduled_delay_ms: 'OTEL_BSP_SCHEDULE_DELAY',
  max_export_batch_size: 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE',
  max_export_timeout_ms: 'OTEL_BSP_EXPORT_TIMEOUT',
};
