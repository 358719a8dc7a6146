import { otherName, temporaryName, textOfPeer } from '../../edge-kinds.ts';
import type { AttributeColumns } from '../attributes.ts';
import { Dictionary } from '../dictionary.ts';
import { cursor, varint } from '../fields.ts';
import { WordTable } from '../word-table.ts';

/** Which end of a call or a message a span is. */
export const roles = {
  none: 0,
  /** Asks a peer, which may be a service that sends spans. Without a node: nothing says which. */
  client: 1,
  database: 2,
  publish: 3,
  weakPublish: 4,
  /** Without a node: nothing says from which topic. */
  consume: 5,
  weakConsume: 6,
} as const;

/** SpanKind of OTLP. */
const kinds = { client: 3, producer: 4, consumer: 5 } as const;

/** Numbers from here on stand for peers, smaller ones for services. */
export const firstPeer = 0x1_0000;

/** So many topics, databases and other peers each are kept apart; the rest are one, for an hour. */
const most = 1000;
const forgetAfterSeconds = 3600;
/** A name that is longer is no name. */
const longestName = 250;

// Attributes that are looked at. Former names of the semantic conventions come after the present ones, which win.
const keys = {
  peerService: ['peer.service'],
  address: ['server.address', 'net.peer.name', 'network.peer.address', 'net.peer.ip', 'net.sock.peer.addr'],
  dbSystem: ['db.system.name', 'db.system'],
  dbNamespace: ['db.namespace', 'db.name'],
  system: ['messaging.system'],
  destination: ['messaging.destination.template', 'messaging.destination.name', 'messaging.destination'],
  operation: ['messaging.operation.type', 'messaging.operation'],
} as const;
const texts = Object.values(keys).flat();
/** Of each, the bits of its names by their index in `texts`. */
const bits = Object.fromEntries(
  Object.entries(keys).map(([name, group]) => [
    name,
    group.reduce((sum, key) => sum | (1 << texts.indexOf(key as (typeof texts)[number])), 0),
  ]),
) as Record<keyof typeof keys, number>;
const ports = ['server.port', 'net.peer.port', 'net.sock.peer.port'];
const temporaries = [
  'messaging.destination.temporary',
  'messaging.destination.anonymous',
  'messaging.temp_destination',
];

const inboxes = ['_INBOX.', 'amq.gen-', 'amq.rabbitmq.reply-to'];

/** Which of `wanted` a key is, by the key's number in a block's dictionary. */
class Wanted {
  readonly #index: ReadonlyMap<string, number>;
  /** 0: not looked at yet; 1: none; else 2 more than the index. */
  #known = new Uint8Array(256);

  constructor(wanted: readonly string[]) {
    this.#index = new Map(wanted.map((key, index) => [key, index]));
  }

  /** Hot: once per attribute of a client, producer or consumer span. -1: none. */
  of(key: number, dictionary: Dictionary): number {
    if (key >= this.#known.length) {
      const larger = new Uint8Array(2 ** Math.ceil(Math.log2(key + 1)));
      larger.set(this.#known);
      this.#known = larger;
    }
    const known = this.#known[key]!;
    return known === 0 ? this.#look(key, dictionary) : known - 2;
  }

  #look(key: number, dictionary: Dictionary): number {
    const index = this.#index.get(dictionary.text(key)) ?? -1;
    this.#known[key] = index + 2;
    return index;
  }

  clear(): void {
    this.#known.fill(0);
  }
}

/**
 * Reads off the attributes of client, producer and consumer spans which end they are and of what: a topic, a database, a
 * peer. What the attributes are named is told by OpenTelemetry's semantic conventions, the present and former ones.
 */
export class Peers {
  /** Of the span read last: one of `roles`, and the number of its topic, database or peer (0: none). */
  role = 0;
  node = 0;
  readonly #attributes: AttributeColumns;
  readonly #wantedTexts = new Wanted(texts);
  readonly #wantedPorts = new Wanted(ports);
  readonly #wantedFlags = new Wanted(temporaries);
  // Where the attributes of the span begin in their columns.
  #strings = 0;
  #stringBytes = 0;
  #ints = 0;
  #bools = 0;
  /** Which of `texts` there are, as bits, and where their values lie in the column of strings. */
  #present = 0;
  readonly #starts = new Int32Array(texts.length);
  readonly #lengths = new Int32Array(texts.length);

  readonly #texts = new Dictionary();
  readonly #nodes = new WordTable(4);
  readonly #names: string[] = [];
  /** How many there are, by role. */
  readonly #counts = new Uint32Array(8);
  /** Seconds since 1970. */
  #fullSince: number | undefined;

  constructor(attributes: AttributeColumns) {
    this.#attributes = attributes;
  }

  /** Hot: before the attributes of a span are added. */
  mark(): void {
    const { string, int, bool } = this.#attributes;
    this.#strings = string.count;
    this.#stringBytes = string.items.data.length;
    this.#ints = int.count;
    this.#bools = bool.count;
  }

  /** Hot: after they were added, for the three kinds of spans that have another end. */
  read(kind: number): void {
    this.#find();
    const destination = this.#text(bits.destination);
    if (kind === kinds.consumer) {
      this.role = this.#operation() === 'r' ? roles.weakConsume : roles.consume;
      this.node = destination < 0 ? 0 : this.#topic(destination);
    } else if (destination >= 0) {
      const operation = this.#operation();
      if (kind === kinds.producer) this.role = roles.publish;
      else if (operation === 'r') this.role = roles.weakConsume;
      else this.role = operation === 's' || operation === 'p' ? roles.weakPublish : roles.none;
      this.node = this.role === roles.none ? 0 : this.#topic(destination);
    } else if (kind === kinds.client && (this.#present & bits.dbSystem) !== 0) {
      this.role = roles.database;
      this.node = this.#database();
    } else if ((this.#present & bits.system) !== 0) {
      this.role = roles.none;
      this.node = 0;
    } else {
      this.role = roles.client;
      this.node = this.#external();
    }
  }

  /** The name of a peer as the table has it. */
  name(node: number): string {
    return this.#names[node - firstPeer]!;
  }

  /** The block is done; `now` in seconds. True: all numbers given so far are forgotten. */
  clear(now: number): boolean {
    this.#wantedTexts.clear();
    this.#wantedPorts.clear();
    this.#wantedFlags.clear();
    if (this.#counts.every((count) => count < most)) return false;
    this.#fullSince ??= now;
    if (now - this.#fullSince < forgetAfterSeconds) return false;
    this.#fullSince = undefined;
    this.#texts.clear();
    this.#nodes.clear();
    this.#names.length = 0;
    this.#counts.fill(0);
    return true;
  }

  /** Notes where the texts are that count. */
  #find(): void {
    const { keys: names, items, count } = this.#attributes.string;
    const { bytes } = items.data;
    const { words } = names.indexes;
    let present = 0;
    let pos = this.#stringBytes;
    for (let n = this.#strings; n < count; n++) {
      let length = bytes[pos++]!;
      if (length > 0x7f) {
        length = varint(bytes, pos - 1);
        pos = cursor.pos;
      }
      const index = this.#wantedTexts.of(words[n]!, names.dictionary);
      if (index >= 0 && length > 0) {
        present |= 1 << index;
        this.#starts[index] = pos;
        this.#lengths[index] = length;
      }
      pos += length;
    }
    this.#present = present;
  }

  #port(): number {
    const { keys: names, items, count } = this.#attributes.int;
    for (let n = this.#ints; n < count; n++)
      if (this.#wantedPorts.of(names.indexes.words[n]!, names.dictionary) >= 0)
        return items.data.words[n * 2]!;
    return 0;
  }

  #isTemporary(): boolean {
    const { keys: names, items, count } = this.#attributes.bool;
    for (let n = this.#bools; n < count; n++)
      if (this.#wantedFlags.of(names.indexes.words[n]!, names.dictionary) >= 0 && items.data.bytes[n] === 1)
        return true;
    return false;
  }

  /** The index of the first of a group that is there; -1: none. */
  #text(group: number): number {
    const found = this.#present & group;
    return found === 0 ? -1 : 31 - Math.clz32(found & -found);
  }

  /** The first letter of what a messaging span does: send, publish, receive, process, settle; s for settle is told apart. */
  #operation(): string {
    const index = this.#text(bits.operation);
    if (index < 0) return '';
    const bytes = this.#attributes.string.items.data.bytes;
    const at = this.#starts[index]!;
    const letter = String.fromCharCode(bytes[at]!);
    // "settle" and "send" differ in the third letter, "process" and "publish" in the second.
    if (letter === 's') return bytes[at + 2] === 0x6e ? 's' : '';
    if (letter === 'p') return bytes[at + 1] === 0x75 ? 'p' : '';
    return letter === 'r' ? 'r' : '';
  }

  #topic(destination: number): number {
    const temporary = this.#isTemporary() || this.#isInbox(destination);
    const system = this.#text(bits.system);
    return this.#node(roles.publish, system, temporary ? -1 : destination, temporary ? 1 : 0);
  }

  /** An address that was made for one reply: an inbox of NATS, a queue named by RabbitMQ. */
  #isInbox(index: number): boolean {
    const bytes = this.#attributes.string.items.data.bytes;
    const at = this.#starts[index]!;
    const letter = bytes[at];
    if (letter !== 0x5f && letter !== 0x61) return false;
    const text = bytes.toString('latin1', at, at + Math.min(this.#lengths[index]!, 22));
    return inboxes.some((inbox) => text.startsWith(inbox));
  }

  /** Of a database its name, where that is more than a number as with Redis; else the host. */
  #database(): number {
    const system = this.#text(bits.dbSystem);
    let name = this.#text(bits.peerService);
    if (name < 0) name = this.#text(bits.dbNamespace);
    if (name < 0 || this.#isNumber(name)) name = this.#text(bits.address);
    return this.#node(roles.database, system, name, 0);
  }

  #isNumber(index: number): boolean {
    const bytes = this.#attributes.string.items.data.bytes;
    const at = this.#starts[index]!;
    for (let pos = at; pos < at + this.#lengths[index]!; pos++)
      if (bytes[pos]! < 0x30 || bytes[pos]! > 0x39) return false;
    return true;
  }

  #external(): number {
    const service = this.#text(bits.peerService);
    if (service >= 0) return this.#node(roles.client, -1, service, 0);
    const address = this.#text(bits.address);
    if (address < 0) return 0;
    const port = this.#port();
    return this.#node(roles.client, -1, address, port === 80 || port === 443 ? 0 : port);
  }

  /** The number of what has this role, system and name (indexes in `texts`, -1: none) and port or mark. */
  #node(role: number, system: number, name: number, port: number): number {
    const isFull = this.#counts[role]! >= most;
    const a = this.#number(system, isFull);
    const b = this.#number(name, isFull);
    if (a < 0 || b < 0) return this.#other(role);
    if (isFull) {
      const known = this.#nodes.known(role, a, b, port);
      return known < 0 ? this.#other(role) : known + firstPeer;
    }
    const id = this.#nodes.id(role, a, b, port);
    if (id === this.#names.length) {
      this.#names.push(this.#write(role, system, name, port));
      this.#counts[role]!++;
    }
    return id + firstPeer;
  }

  /** From 1; 0: there is none; -1: too long, or one too many. */
  #number(index: number, isFull: boolean): number {
    const length = index < 0 ? 0 : this.#lengths[index]!;
    if (length === 0) return 0;
    if (length > longestName) return -1;
    const bytes = this.#attributes.string.items.data.bytes;
    const start = this.#starts[index]!;
    const id = isFull ? this.#texts.known(bytes, start, length) : this.#texts.id(bytes, start, length);
    return id < 0 ? -1 : id + 1;
  }

  #other(role: number): number {
    const id = this.#nodes.id(role, 0, 0, -1);
    if (id === this.#names.length)
      this.#names.push(role === roles.client ? otherName : textOfPeer('', otherName));
    return id + firstPeer;
  }

  #write(role: number, system: number, name: number, port: number): string {
    const text = this.#string(name);
    if (role === roles.database) return textOfPeer(this.#string(system), text);
    if (role === roles.publish) return textOfPeer(this.#string(system), port === 1 ? temporaryName : text);
    const address = text.includes(':') && port !== 0 ? `[${text}]` : text;
    return port === 0 ? address : `${address}:${port}`;
  }

  #string(index: number): string {
    if (index < 0) return '';
    const start = this.#starts[index]!;
    return this.#attributes.string.items.data.bytes.toString('utf8', start, start + this.#lengths[index]!);
  }
}
