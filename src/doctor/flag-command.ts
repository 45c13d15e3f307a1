import { arrayAt, objectAt, stringAt } from '../model/json.ts';
import { displayName, type KubeObject, refOf } from '../model/object.ts';
import { podTemplateOf } from '../model/workload.ts';

/**
 * A command that has a workload's memcached run with `flag value`: a patch of the very argument where there is
 * one, of one more where there is none, and the editor where a script or the environment makes the arguments.
 */
export function setFlag(workload: KubeObject, container: string, flag: string, value: string): string {
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
export function dropFlag(workload: KubeObject, container: string, flag: string): string {
  const { index, words = [], field } = argumentsOf(workload, container);
  const at = words.lastIndexOf(flag);
  if (at < 0) return edit(workload);
  return patch(workload, [{ op: 'remove', path: `/spec/template/spec/containers/${index}/${field}/${at}` }]);
}

/** "kubectl -n cache edit deployment.apps/my-memcached" */
export function edit(object: KubeObject): string {
  return `${kubectl(object)} edit ${displayName(refOf(object))}`;
}

export function patch(object: KubeObject, operations: object[]): string {
  return `${kubectl(object)} patch ${displayName(refOf(object))} --type=json -p '${JSON.stringify(operations)}'`;
}

export function kubectl(object: KubeObject): string {
  const { namespace } = refOf(object);
  return namespace === undefined ? 'kubectl' : `kubectl -n ${namespace}`;
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
  const isScript = command.length > 0 && !/(?:^|\/)memcached$/.test(command[0] ?? '');
  const field = args.length === 0 && command.length > 0 ? 'command' : 'args';
  const words = index < 0 || isScript ? undefined : field === 'command' ? command : args;
  return { index, words, field };
}
