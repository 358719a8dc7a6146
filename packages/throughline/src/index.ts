export { defaultConfig } from './default-config.ts';
export { Program, type ProgramOptions } from './program.ts';
export { registry } from './registry.ts';
export { version } from './version.ts';
