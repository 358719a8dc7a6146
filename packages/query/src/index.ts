export type { Intake } from './import/intake.ts';
export type { ApiOptions, RuntimeStatus } from './options.ts';
export { createApi, type Api } from './create-api.ts';
