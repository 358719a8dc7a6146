export { unlessMissing } from './unless-missing.ts';
