/** A configuration is not as it must be. The message says where: `rules.d/mail/rules/001_all.json: actions[0].id: …`. */
export class NotValid extends Error {
  override readonly name = 'NotValid';
}

/** A piece of a configuration, and where it stands: what is wrong with it is said with its place. */
export class Piece {
  readonly value: unknown;
  readonly #file: string;
  readonly #path: string;

  /** `file` is how the configuration is called in messages. */
  constructor(value: unknown, file: string, path = '') {
    this.value = value;
    this.#file = file;
    this.#path = path;
  }

  fail(message: string): never {
    throw new NotValid(`${this.#file}: ${this.#path === '' ? '' : `${this.#path}: `}${message}`);
  }

  /** `undefined` and `null` are both nothing. */
  get isMissing(): boolean {
    return this.value === undefined || this.value === null;
  }

  /** The piece of this one under `key`, whether there is one or not; fails where this is no object. */
  at(key: string): Piece {
    const path = this.#path === '' ? key : `${this.#path}.${key}`;
    return new Piece(this.isMissing ? undefined : this.object()[key], this.#file, path);
  }

  object(): Record<string, unknown> {
    const { value } = this;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) this.fail('must be an object');
    return value as Record<string, unknown>;
  }

  entries(): [string, Piece][] {
    return this.isMissing ? [] : Object.keys(this.object()).map((key) => [key, this.at(key)]);
  }

  list(): Piece[] {
    if (!Array.isArray(this.value)) this.fail('must be a list');
    return (this.value as unknown[]).map(
      (each, index) => new Piece(each, this.#file, `${this.#path}[${index}]`),
    );
  }

  /** Fails where this is no object or has other keys than these. */
  only(...keys: readonly string[]): this {
    const other = Object.keys(this.object()).find((key) => !keys.includes(key));
    if (other !== undefined) this.at(other).fail(`is not known; known are ${keys.join(', ')}`);
    return this;
  }

  text(otherwise?: string): string {
    if (this.isMissing && otherwise !== undefined) return otherwise;
    if (typeof this.value !== 'string') this.fail('must be a text');
    return this.value as string;
  }

  /** A name as nodes, rules, variables and actions have. */
  name(): string {
    const name = this.text();
    if (!/^[a-zA-Z0-9_]+$/.test(name)) this.fail(`"${name}" must be made of letters, digits and _`);
    return name;
  }

  bool(otherwise?: boolean): boolean {
    if (this.isMissing && otherwise !== undefined) return otherwise;
    if (typeof this.value !== 'boolean') this.fail('must be true or false');
    return this.value as boolean;
  }

  /** A finite number that is not negative. */
  number(otherwise?: number): number {
    if (this.isMissing && otherwise !== undefined) return otherwise;
    const { value } = this;
    if (typeof value !== 'number' || !(value >= 0) || value === Infinity)
      this.fail('must be a number that is not negative');
    return value as number;
  }

  oneOf<Choice extends string>(choices: readonly Choice[], otherwise?: Choice): Choice {
    const text = this.text(otherwise);
    const choice = choices.find((each) => each === text);
    return choice ?? this.fail(`"${text}" is none of ${choices.join(', ')}`);
  }
}
