import { kubectl } from '../advice/command.ts';
import { effectOf } from '../advice/effect.ts';
import type { ToolError } from '../errors/tool-error.ts';
import { ApiError } from '../kube/api-error.ts';
import type { Finding } from '../model/findings/finding.ts';
import { finding } from './catalogue.ts';

/** Which server and which user they were; no credential is in what it prints. */
const CONNECTION_IN_USE = kubectl('config', 'view', '--minify');

/** That the API server gave no answer, or refused the credentials. */
export function unreachableFinding(error: ToolError): Finding {
  const evidence = [{ text: error.message }];
  if (error instanceof ApiError && error.status === 401) {
    return finding('MB102', {
      summary: 'your credentials were refused, so that nothing in the cluster could be looked at',
      evidence,
      advice: [CONNECTION_IN_USE, 'log in again, or name another user or context'],
    });
  }
  return finding('MB101', {
    summary: 'the API server gave no answer, so that nothing in the cluster could be looked at',
    evidence,
    // What asks the server gets no answer either.
    advice: [
      CONNECTION_IN_USE,
      ...(error.next === undefined || effectOf(error.next) === 'look' ? [] : [error.next]),
    ],
  });
}
