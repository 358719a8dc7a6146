export { orMissing } from './or-missing.ts';
export { unlessMissing } from './unless-missing.ts';
