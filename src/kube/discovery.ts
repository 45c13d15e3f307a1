import { arrayAt, type Json, stringAt, valueAt } from '../model/json/json.ts';
import { isApiVersion } from '../model/kubernetes/object.ts';
import { ApiError } from './api-error.ts';
import type { ResourceType } from './client.ts';
import { builtInType } from './resource-types.ts';
import type { Rest } from './rest.ts';

/** Finds how kinds are served: built-in ones from a table, others by asking the server once per apiVersion. */
export class Discovery {
  readonly #rest: Rest;
  readonly #served = new Map<string, Promise<Json[]>>();

  constructor(rest: Rest) {
    this.#rest = rest;
  }

  /** undefined where the cluster does not know the kind. */
  async resourceType(apiVersion: string, kind: string): Promise<ResourceType | undefined> {
    const builtIn = builtInType(apiVersion, kind);
    if (builtIn !== undefined) return builtIn;
    if (!isApiVersion(apiVersion)) return undefined;
    for (const resource of await this.#resourcesOf(apiVersion)) {
      const plural = stringAt(resource, 'name') ?? '';
      // Subresources ("pods/log") are listed beside their kind.
      if (stringAt(resource, 'kind') !== kind || plural === '' || plural.includes('/')) continue;
      return { apiVersion, kind, plural, namespaced: valueAt(resource, 'namespaced') === true };
    }
    return undefined;
  }

  /** A failed look-up is not kept: the next one asks again. */
  #resourcesOf(apiVersion: string): Promise<Json[]> {
    const known = this.#served.get(apiVersion);
    if (known !== undefined) return known;
    const asked = this.#ask(apiVersion).catch((error: unknown) => {
      this.#served.delete(apiVersion);
      throw error;
    });
    this.#served.set(apiVersion, asked);
    return asked;
  }

  async #ask(apiVersion: string): Promise<Json[]> {
    const path = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    try {
      const list = await this.#rest.send({
        method: 'GET',
        path,
        call: { verb: 'get', group: '', resource: path },
      });
      return arrayAt(list, 'resources');
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return [];
      throw error;
    }
  }
}
