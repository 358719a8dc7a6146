import { expect } from 'vitest';
import { StartError } from '@throughline/model';
import type { Component, ExtensionDefinition, Listener } from '../component.ts';
import { configCases, readSection } from './config-cases.ts';
import { runCases, type Excuses } from './contract.ts';
import { kitEnv, type KitEnv } from './kit-env.ts';

export interface ExtensionKit {
  readonly definition: ExtensionDefinition;
  /** A section of a file in which everything listens on free ports (`127.0.0.1:0`). */
  readonly section: Readonly<Record<string, unknown>>;
  /** The section again, with the ports on which the extension now listens. */
  sameAddress(listeners: readonly Listener[]): Readonly<Record<string, unknown>>;
}

interface Setup extends ExtensionKit {
  readonly env: KitEnv;
  create(section?: Readonly<Record<string, unknown>>): Component;
}

const cases = {
  ...configCases,
  'frees its address when it stops': async (it: Setup) => {
    const first = it.create();
    await first.start();
    const section = it.sameAddress(it.env.listeners);
    await first.stop();
    await it.create(section).start();
  },
  'says in one sentence that its address is in use, and can be stopped then': async (it: Setup) => {
    await it.create().start();
    const second = it.create(it.sameAddress(it.env.listeners));
    await expect(second.start()).rejects.toThrow(StartError);
    await second.stop();
  },
  'can be stopped without having been started': async (it: Setup) => {
    await it.create().stop();
  },
};

/** Checks that an extension does what the program relies on. Call it at the top of a test file. */
export function extensionContract(
  name: string,
  kit: () => Promise<ExtensionKit>,
  excuses: Excuses<typeof cases> = {},
): void {
  runCases<Setup, typeof cases>(
    name,
    cases,
    async (after) => {
      const given = await kit();
      const env = kitEnv(given.definition.type);
      after(() => env.clear());
      return {
        ...given,
        env,
        create(section = given.section) {
          const config = readSection({ definition: given.definition, section });
          const created = given.definition.create(config, () => true, env);
          let stopped: Promise<void> | undefined;
          const component = { start: () => created.start(), stop: () => (stopped ??= created.stop()) };
          after(() => component.stop());
          return component;
        },
      };
    },
    excuses,
  );
}
