/** What `verify` looks at, in the order in which it does; docs/output.md says what each means. */
export const CHECKS = [
  'backup.json',
  'signature',
  'files',
  'opened',
  'objects',
  'settings',
  'helm',
  'chart',
  'api-versions',
  'dry-run',
  'render',
] as const;

export type Check = (typeof CHECKS)[number];

/** What one check says of one thing. */
export type CheckResult =
  | { check: Check; what: string; status: 'ok' }
  | { check: Check; what: string; status: 'failed'; why: string }
  | {
      check: Check;
      what: string;
      status: 'unchecked';
      why: string;
      /** It could have been checked, had a server answered: the verification is incomplete. */
      matters: boolean;
    };

export function ok(check: Check, what: string): CheckResult {
  return { check, what, status: 'ok' };
}

export function failed(check: Check, what: string, why: string): CheckResult {
  return { check, what, status: 'failed', why };
}

/** For what can't be checked by its nature: no server, permission or program is to blame. */
export function unchecked(check: Check, what: string, why: string): CheckResult {
  return { check, what, status: 'unchecked', why, matters: false };
}
