import { type Command, kubectl, type Word } from '../advice/command.ts';
import { arrayAt, type Json, objectAt, stringAt } from '../model/json/json.ts';
import { displayName, type KubeObject, refOf } from '../model/kubernetes/object.ts';
import { podTemplateOf } from '../model/kubernetes/workload.ts';

/**
 * A command that has a workload's memcached run with `flag value`: a patch of the very argument where there is
 * one, of one more where there is none, and the editor where a script or the environment makes the arguments:
 * arguments beside them would take their place, and the pod would not start.
 */
export function setFlag(workload: KubeObject, container: string, flag: string, value: string): Command {
  const { index, words, field } = argumentsOf(workload, container);
  if (words === undefined) return edit(workload);
  const path = `/spec/template/spec/containers/${index}/${field}`;
  const at = words.lastIndexOf(flag);
  if (at >= 0 && at + 1 < words.length) {
    return patch(workload, [{ op: 'replace', path: `${path}/${at + 1}`, value }]);
  }
  const joined = words.findLastIndex((word) => word.startsWith(flag) && !flag.startsWith('--'));
  if (joined >= 0)
    return patch(workload, [{ op: 'replace', path: `${path}/${joined}`, value: flag + value }]);
  if (words.length === 0) return patch(workload, [{ op: 'add', path, value: [flag, value] }]);
  return patch(
    workload,
    [flag, value].map((word) => ({ op: 'add', path: `${path}/-`, value: word })),
  );
}

/** A command that takes a flag without an argument away. */
export function dropFlag(workload: KubeObject, container: string, flag: string): Command {
  const { index, words = [], field } = argumentsOf(workload, container);
  const at = words.lastIndexOf(flag);
  if (at < 0) return edit(workload);
  return patch(workload, [{ op: 'remove', path: `/spec/template/spec/containers/${index}/${field}/${at}` }]);
}

/** "kubectl -n cache edit deployment.apps/my-memcached" */
export function edit(object: KubeObject): Command {
  return kubectlAt(object, 'edit', displayName(refOf(object)));
}

export function patch(object: KubeObject, operations: object[]): Command {
  return kubectlAt(
    object,
    'patch',
    displayName(refOf(object)),
    '--type=json',
    '-p',
    JSON.stringify(operations),
  );
}

/** A command of kubectl's in the namespace of an object. */
export function kubectlAt(object: KubeObject, ...words: Word[]): Command {
  const { namespace } = refOf(object);
  return namespace === undefined ? kubectl(...words) : kubectl('-n', namespace, ...words);
}

/** `words`: undefined where they are no plain memcached command line. */
function argumentsOf(
  workload: KubeObject,
  name: string,
): { index: number; words: string[] | undefined; field: 'args' | 'command' } {
  const containers = arrayAt(objectAt(podTemplateOf(workload), 'spec'), 'containers');
  const index = containers.findIndex((each) => stringAt(each, 'name') === name);
  const command = arrayAt(containers[index], 'command').map(String);
  const args = arrayAt(containers[index], 'args').map(String);
  const field = args.length === 0 && command.length > 0 ? 'command' : 'args';
  const words = field === 'command' ? command : args;
  return { index, words: isPlain(containers[index], command, args) ? words : undefined, field };
}

/** memcached itself; Bitnami's script, which hands on what follows it (bitnami/containers, memcached/run.sh). */
const STARTS_MEMCACHED = /(?:^|\/)memcached$|^(?:\/opt\/bitnami\/scripts\/memcached)?\/run\.sh$/;

function isPlain(container: Json | undefined, command: string[], args: string[]): boolean {
  const [first] = [...command, ...args];
  if (first === undefined) return takesArguments(container);
  return STARTS_MEMCACHED.test(first) || (command.length === 0 && first.startsWith('-'));
}

/** Whether arguments may take the place of none: the official image puts memcached before them and reads no env. */
function takesArguments(container: Json | undefined): boolean {
  const image = (stringAt(container, 'image') ?? '').replace(/@.*$/, '').replace(/:[^:/]*$/, '');
  const isOfficial = /^(?:docker\.io\/)?memcached$|^(?:[^/]+\/)?library\/memcached$/.test(image);
  const isToldByEnv = arrayAt(container, 'env').some((entry) =>
    (stringAt(entry, 'name') ?? '').startsWith('MEMCACHED_'),
  );
  return isOfficial && !isToldByEnv;
}
