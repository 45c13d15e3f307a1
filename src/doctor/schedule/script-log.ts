/** What a backup script's log says about its commands. */
export interface ScriptTrouble {
  /** What the API server refused the script's service account. */
  refused: Refusal[];
  missingPrograms: { program: string; line: string }[];
  /** Lines of other errors. */
  errors: string[];
}

export interface Refusal {
  user: string;
  verb: string;
  /** The plural: "secrets". */
  resource: string;
  group: string;
  /** "" for all. */
  namespace: string;
  line: string;
}

/** The API server's 403, as kubectl and Helm hand it on (k8s.io/apiserver, responsewriters.Forbidden). */
const REFUSED =
  /User "([^"]+)" cannot (\w+) resource "([^"]+)"(?: in API group "([^"]*)")?(?: in the namespace "([^"]*)")?/;
/** dash: "sh: 3: helm: not found"; BusyBox: "/bin/sh: helm: not found"; bash: "x.sh: line 3: helm: command not found". */
const NO_PROGRAM = /^\S*(?:sh|\.\w+): (?:line )?(?:\d+: )?(\S+): (?:command )?not found$/;
/** What kubectl, helm, aws, git and a shell write first, or anywhere, where they give up. */
const ERRORS = [
  /^(?:error|fatal|fatal error|warning: .* failed)\b.*:/i,
  /^Error from server\b/,
  /^(?:The connection to the server .* was refused|Unable to connect to the server)/,
  /\b(?:No such file or directory|Permission denied|Read-only file system|No space left on device)\b/,
  /\b(?:can't|cannot) (?:create|open|stat)\b/i,
  /\bnot found$/,
  /^upload failed\b|\bAn error occurred \(|\bUnable to locate credentials\b|\bCould not connect to the endpoint\b/,
  /\bis forbidden\b|\bAccessDenied\b/,
  // `ls -l` and `wc -c` of a file with nothing in it; tar of nothing.
  /^-[rwxsStT-]{9}\S*\s+\d+\s+\S+\s+\S+\s+0\s/,
  /^0\s+\/\S+$/,
  /\bempty archive\b|\b(?:file|archive) is empty\b/i,
  /^\w[\w.-]*: (?:unrecognized|unknown|invalid|illegal)\b/,
];

/** Reads a log line by line; a line counts once, for what explains it best. */
export function readScriptLog(log: string): ScriptTrouble {
  const trouble: ScriptTrouble = { refused: [], missingPrograms: [], errors: [] };
  for (const line of log.split('\n').map((each) => each.trim())) {
    const refused = REFUSED.exec(line);
    const program = NO_PROGRAM.exec(line)?.[1];
    if (refused !== null) {
      const [, user = '', verb = '', resource = '', group = '', namespace = ''] = refused;
      trouble.refused.push({ user, verb, resource, group, namespace, line });
    } else if (program !== undefined) trouble.missingPrograms.push({ program, line });
    else if (ERRORS.some((pattern) => pattern.test(line))) trouble.errors.push(line);
  }
  return trouble;
}
