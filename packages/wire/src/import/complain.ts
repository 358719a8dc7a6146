import type { InvalidData } from '@throughline/model';

/** Called with what cannot be used; the place is within the document. */
export type Complain = (problem: InvalidData) => void;
