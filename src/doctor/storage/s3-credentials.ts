import { kubectl } from '../../advice/command.ts';
import { keyValues, valuePatch } from '../../advice/key-values.ts';
import type { Finding } from '../../model/findings/finding.ts';
import { arrayAt, isObject, type JsonObject, objectAt, stringAt, valueAt } from '../../model/json/json.ts';
import {
  displayName,
  type KubeObject,
  type ObjectRef,
  refOf,
  stringMap,
} from '../../model/kubernetes/object.ts';
import { podTemplateOf } from '../../model/kubernetes/workload.ts';
import { scriptOf } from '../../model/schedule/backup-cronjob.ts';
import { finding } from '../catalogue.ts';

/** What every program that speaks to S3 reads them from (AWS SDKs and Tools Reference Guide, "Environment variables"). */
const VARIABLES = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;

/** One variable, and the key of a Secret that it comes from. */
interface Credential {
  variable: string;
  secret: string;
  key: string;
}

/** The S3 credentials of a backup CronJob, without a value in any word. */
export function judgeCredentials(
  cronJob: KubeObject,
  secretOf: (name: string) => KubeObject | 'absent' | undefined,
): Finding[] {
  const credentials = Map.groupBy(credentialsOf(cronJob), ({ secret }) => secret);
  return [...credentials].flatMap(([name, wanted]) => {
    const secret = secretOf(name);
    if (secret === undefined) return [];
    const subject: CredentialSecret = { cronJob: refOf(cronJob), name, wanted };
    if (secret === 'absent') return [missingSecret(subject)];
    return wanted.flatMap((credential) => judgeValue(credential, secret, subject));
  });
}

/** Where a CronJob's containers have their S3 credentials from; what is optional or given in plain is left out. */
export function credentialsOf(cronJob: KubeObject): Credential[] {
  const spec = objectAt(podTemplateOf(cronJob), 'spec');
  const containers = [...arrayAt(spec, 'initContainers'), ...arrayAt(spec, 'containers')].filter(isObject);
  const speaksS3 = /\bs3:\/\/|\baws\s|\bs3cmd\b|\brclone\b|\bmc\s/.test(scriptOf(cronJob));
  const found = containers.flatMap((container) => {
    const own = fromEnv(container);
    const named = new Set(arrayAt(container, 'env').map((entry) => stringAt(entry, 'name') ?? ''));
    return [...own, ...fromEnvFrom(container, speaksS3).filter(({ variable }) => !named.has(variable))];
  });
  return [...new Map(found.map((each) => [JSON.stringify(each), each])).values()];
}

function fromEnv(container: JsonObject): Credential[] {
  return arrayAt(container, 'env').flatMap((entry) => {
    const variable = VARIABLES.find((name) => name === stringAt(entry, 'name'));
    const ref = objectAt(entry, 'valueFrom', 'secretKeyRef');
    const [secret, key] = [stringAt(ref, 'name'), stringAt(ref, 'key')];
    if (variable === undefined || secret === undefined || key === undefined) return [];
    return valueAt(ref, 'optional') === true ? [] : [{ variable, secret, key }];
  });
}

/** All keys of a Secret as variables: the credentials are meant where the script speaks S3 or the name says so. */
function fromEnvFrom(container: JsonObject, speaksS3: boolean): Credential[] {
  return arrayAt(container, 'envFrom').flatMap((entry) => {
    const secret = stringAt(entry, 'secretRef', 'name');
    if (secret === undefined || valueAt(entry, 'secretRef', 'optional') === true) return [];
    if (!speaksS3 && !/aws|s3|minio/i.test(secret)) return [];
    const prefix = stringAt(entry, 'prefix') ?? '';
    return VARIABLES.filter((variable) => variable.startsWith(prefix)).map((variable) => ({
      variable,
      secret,
      key: variable.slice(prefix.length),
    }));
  });
}

interface CredentialSecret {
  cronJob: ObjectRef;
  name: string;
  wanted: Credential[];
}

function missingSecret({ cronJob, name, wanted }: CredentialSecret): Finding {
  const values = keyValues(wanted.map(({ key }) => key));
  return finding('MB330', {
    object: secretRef(cronJob, name),
    summary: `it does not exist; ${displayName(cronJob)} takes its S3 credentials from it`,
    evidence: wanted.map(({ variable, key }) => ({ text: `${variable} comes from its key ${key}` })),
    advice: [kubectl('create', 'secret', 'generic', name, ...inNamespaceOf(cronJob), ...values)],
    about: [cronJob],
  });
}

function judgeValue(
  { variable, key }: Credential,
  secret: KubeObject,
  { cronJob, name }: CredentialSecret,
): Finding[] {
  const encoded = stringMap(objectAt(secret, 'data'))[key];
  const common = {
    object: secretRef(cronJob, name),
    advice: [kubectl('patch', 'secret', name, ...inNamespaceOf(cronJob), '-p', valuePatch('Secret', key))],
    about: [cronJob],
  };
  const from = { text: `${variable} of ${displayName(cronJob)} comes from it` };
  if (encoded === undefined) {
    const keys = Object.keys(objectAt(secret, 'data') ?? {}).sort();
    const has = keys.length === 0 ? 'it has none' : `it has ${keys.join(', ')}`;
    return [
      finding('MB331', {
        ...common,
        summary: `it lacks the key ${key}`,
        evidence: [{ text: has }, from],
      }),
    ];
  }
  const value = Buffer.from(encoded, 'base64').toString('utf8');
  if (value.trim() === '') {
    return [finding('MB332', { ...common, summary: `its key ${key} is empty`, evidence: [from] })];
  }
  const blank = blankAround(value);
  if (blank === undefined) return [];
  return [finding('MB333', { ...common, summary: `its key ${key} ${blank}`, evidence: [from] })];
}

/** "ends with a line break"; undefined where there is none. */
function blankAround(value: string): string | undefined {
  const name = (text: string): string => (/[\r\n]/.test(text) ? 'a line break' : 'a blank');
  const after = /\s+$/.exec(value)?.[0];
  if (after !== undefined) return `ends with ${name(after)}`;
  const before = /^\s+/.exec(value)?.[0];
  return before === undefined ? undefined : `begins with ${name(before)}`;
}

function inNamespaceOf({ namespace }: ObjectRef): string[] {
  return namespace === undefined ? [] : ['-n', namespace];
}

function secretRef({ namespace }: ObjectRef, name: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'Secret', ...(namespace === undefined ? {} : { namespace }), name };
}
