import { jsonFilesIn } from '../config/json-files.ts';
import type { Piece } from '../config/piece.ts';
import { newEvent } from '../event.ts';
import { type EventTemplate, compileEventTemplate } from './jmespath-event.ts';

/**
 * Reads `<folder>/*.json`, each with `nats_topics` and the events' template, `collector_config`. Without one the type of an event
 * is its topic, and its payload the whole message as `data`.
 */
export function readTopics(folder: string): Map<string, EventTemplate> {
  return new Map(jsonFilesIn(folder).flatMap(parseTopics));
}

function parseTopics(piece: Piece): [topic: string, toEvent: EventTemplate][] {
  const config = piece.only('nats_topics', 'collector_config').at('collector_config');
  const template = config.isMissing ? undefined : compileEventTemplate(config);
  return piece
    .at('nats_topics')
    .list()
    .map((topic) => {
      const name = topic.text();
      return [name, template ?? ((data) => newEvent(name, { data }))];
    });
}
