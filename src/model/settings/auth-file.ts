import { arrayAt, isObject, type JsonObject, objectAt, stringAt } from '../json/json.ts';
import { type KubeObject, nameOf, type ObjectRef } from '../kubernetes/object.ts';
import { explicitSettings } from './explicit-settings.ts';
import { memcachedContainer } from './memcached-container.ts';
import { describeEnv, type PodTarget } from './pod-settings.ts';

/** Who may talk to a memcached. Secret. */
export interface Login {
  username: string;
  password: string;
}

/** Who may talk to a pod's memcached: those whom it may know, none where it asks for nobody or nobody knows. */
export type LoginsOf = (target: PodTarget) => readonly Login[];

/** Longest file that is read for one (memcached/authfile.c, MAX_ENTRY_LEN 256 and 8 entries). */
const MOST_BYTES = 4096;

/**
 * The first user of the file that -Y names ("user:password" a line, memcached/authfile.c), where it lies in a Secret or a ConfigMap
 * that the pod mounts. Undefined where the server asks for nobody, or where the file can't be found.
 * @param podSpec of a pod or of a template.
 * @param find an object of the release, as it was read.
 */
export function authFileLogin(
  podSpec: JsonObject,
  namespace: string,
  find: (ref: ObjectRef) => KubeObject | undefined,
): Login | undefined {
  const container = memcachedContainer(podSpec)?.container;
  if (container === undefined) return undefined;
  const path = explicitSettings({
    image: stringAt(container, 'image') ?? '',
    command: arrayAt(container, 'command').map(String),
    args: arrayAt(container, 'args').map(String),
    env: arrayAt(container, 'env').map(describeEnv),
  }).settings.get('auth_enabled_ascii');
  const mount = path === undefined ? undefined : mountOf(container, path);
  const volume = arrayAt(podSpec, 'volumes').find(
    (each) => mount !== undefined && stringAt(each, 'name') === mount.volume,
  );
  if (mount === undefined || !isObject(volume)) return undefined;
  const secret = objectAt(volume, 'secret');
  const source = secret ?? objectAt(volume, 'configMap');
  const name = stringAt(source, secret === undefined ? 'name' : 'secretName');
  if (name === undefined) return undefined;
  const kind = secret === undefined ? 'ConfigMap' : 'Secret';
  const object = find({ apiVersion: 'v1', kind, namespace, name });
  const item = arrayAt(source, 'items').find((each) => stringAt(each, 'path') === mount.file);
  const text = stringAt(objectAt(object, 'data'), stringAt(item, 'key') ?? mount.file);
  if (text === undefined || text.length > MOST_BYTES) return undefined;
  return firstLogin(secret === undefined ? text : Buffer.from(text, 'base64').toString('utf8'));
}

/**
 * The logins of some pods, by each of the given ways to find an object: what a Secret holds now, and what it is to hold.
 * @param pods those that are asked about.
 */
export function loginsOfPods(
  pods: readonly KubeObject[],
  finders: readonly ((ref: ObjectRef) => KubeObject | undefined)[],
): LoginsOf {
  return ({ namespace, pod }) => {
    const spec = objectAt(
      pods.find((each) => nameOf(each) === pod),
      'spec',
    );
    if (spec === undefined) return [];
    const logins = finders.flatMap((find) => authFileLogin(spec, namespace, find) ?? []);
    const isFirst = ({ username, password }: Login, index: number): boolean =>
      logins.findIndex((each) => each.username === username && each.password === password) === index;
    return logins.filter(isFirst);
  };
}

/** The volume in which a file lies, and what it is called there. */
function mountOf(container: JsonObject, path: string): { volume: string; file: string } | undefined {
  for (const mount of arrayAt(container, 'volumeMounts')) {
    const at = (stringAt(mount, 'mountPath') ?? '').replace(/\/+$/, '');
    const volume = stringAt(mount, 'name');
    const subPath = stringAt(mount, 'subPath');
    if (volume === undefined || at === '') continue;
    if (subPath !== undefined && path === at) return { volume, file: subPath };
    if (path.startsWith(`${at}/`)) {
      const below = path.slice(at.length + 1);
      return { volume, file: subPath === undefined ? below : `${subPath}/${below}` };
    }
  }
  return undefined;
}

function firstLogin(text: string): Login | undefined {
  const [, username, password] = /^([^:\r\n]+):([^\r\n]+)/.exec(text) ?? [];
  return username === undefined || password === undefined ? undefined : { username, password };
}
