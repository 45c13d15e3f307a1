import type { RestoreSource } from '../../backup/source.ts';
import { ApiError } from '../../kube/api-error.ts';
import { addressNow, askingFor, type OldAddress, oldAddresses } from '../../model/forms/old-addresses.ts';
import { creationForm } from '../../model/forms/write-form.ts';
import type { KubeObject } from '../../model/kubernetes/object.ts';

/** An address that a Service could not get back. */
export interface LostAddress extends OldAddress {
  /** What it has instead; absent where that is not known yet. */
  is?: string;
  /** In the server's words. */
  why: string;
}

export interface Created {
  object: KubeObject;
  /** Addresses that it has again, or would ask for. */
  regained: OldAddress[];
  lost: LostAddress[];
}

/** The addresses that creating an object of the backup asks for. */
export function addressesToAskFor(raw: KubeObject, { newAddresses }: RestoreSource): OldAddress[] {
  return newAddresses === true ? [] : oldAddresses(raw);
}

/**
 * Creates an object; a Service with the addresses that it had, which are free again since it went, and clients may
 * have kept. An address that the server does not give (another has it, or it is out of this cluster's range) is
 * given up, and nothing else.
 * @param create sends a form.
 * @throws what `create` throws for any other reason.
 */
export async function createObject(
  raw: KubeObject,
  source: RestoreSource,
  create: (form: KubeObject) => Promise<KubeObject>,
): Promise<Created> {
  const form = creationForm(raw);
  let asked = addressesToAskFor(raw, source);
  const refused: LostAddress[] = [];
  for (;;) {
    try {
      const object = await create(askingFor(asked, raw, form));
      return { object, ...becameOf(raw, source, object, refused) };
    } catch (error) {
      const now = asked.flatMap((address): LostAddress[] => {
        const why = whyRefused(address, error);
        return why === undefined ? [] : [{ ...address, why }];
      });
      if (now.length === 0) throw error;
      refused.push(...now);
      asked = asked.filter((address) => !now.some((other) => isSame(other, address)));
    }
  }
}

/** What became of the addresses of an object that is there now, also where nobody heard the server say so. */
export function becameOf(
  raw: KubeObject,
  source: RestoreSource,
  object: KubeObject,
  refused: readonly LostAddress[],
): Omit<Created, 'object'> {
  const asked = addressesToAskFor(raw, source);
  const lost = asked.flatMap((address): LostAddress[] => {
    const is = addressNow(object, address);
    if (is === address.value) return [];
    const why = refused.find((other) => isSame(other, address))?.why ?? 'the server gave another';
    return [{ ...address, ...(is === undefined ? {} : { is }), why }];
  });
  return { regained: asked.filter((address) => !lost.some((other) => isSame(other, address))), lost };
}

function isSame(a: OldAddress, b: OldAddress): boolean {
  return a.field === b.field && a.index === b.index;
}

/** 422 names the field (core/v1 Service's allocators: "provided port is already allocated"). */
function whyRefused({ field, value, index }: OldAddress, error: unknown): string | undefined {
  if (!(error instanceof ApiError) || error.status !== 422) return undefined;
  const { serverMessage: message, causes } = error;
  const isMeant =
    field === 'clusterIP'
      ? /spec\.clusterIPs?\b|failed to allocate IP/.test(message)
      : field === 'nodePort'
        ? message.includes(`spec.ports[${index}].nodePort`)
        : message.includes('spec.healthCheckNodePort');
  if (!isMeant) return undefined;
  const [first = value] = value.split(',');
  const said = causes.find((cause) => cause.message.includes(first))?.message ?? message;
  return said.split(': ').at(-1) ?? said;
}
