/**
 * Faults that no test can notice, by the line they are put into: `change` as the report prints it, and the reason.
 * One that fits no source any more is reported.
 */
export const EQUIVALENT = [];
