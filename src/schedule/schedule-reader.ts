import { ToolError } from '../errors/tool-error.ts';
import type { KubeClient, LogOptions } from '../kube/client.ts';
import { EVENTS, JOBS, PODS } from '../kube/resource-types.ts';
import type { KubeObject } from '../model/kubernetes/object.ts';
import { DRILL_SELECTOR, SCHEDULE_SELECTOR } from '../model/schedule/scheduled-store.ts';

/**
 * What there is to read of schedules, of one namespace or of all: their own Jobs and pods alone, however many others a cluster
 * has; events only of what is asked after. No read fails: what can't be read is undefined, and told once.
 */
export class ScheduleReader {
  readonly #kube: Pick<KubeClient, 'list' | 'podLog'>;
  readonly #namespace: { namespace: string } | Record<string, never>;
  readonly #lists = new Map<string, Promise<KubeObject[] | undefined>>();
  readonly #unread = new Map<string, string>();

  constructor(kube: Pick<KubeClient, 'list' | 'podLog'>, namespace: string | undefined) {
    this.#kube = kube;
    this.#namespace = namespace === undefined ? {} : { namespace };
  }

  /** Of every schedule that is looked at. */
  jobs(): Promise<KubeObject[] | undefined> {
    return this.#once('jobs', () =>
      // Jobs and pods of schedules have their labels from the CronJob's template.
      this.#kube.list(JOBS, { ...this.#namespace, labelSelector: SCHEDULE_SELECTOR }),
    );
  }

  /** Of the drills of every schedule that is looked at. */
  drillJobs(): Promise<KubeObject[] | undefined> {
    return this.#once(
      'jobs of drills',
      () => this.#kube.list(JOBS, { ...this.#namespace, labelSelector: DRILL_SELECTOR }),
      'jobs',
    );
  }

  pods(): Promise<KubeObject[] | undefined> {
    return this.#once('pods', () =>
      this.#kube.list(PODS, { ...this.#namespace, labelSelector: SCHEDULE_SELECTOR }),
    );
  }

  /** What was reported of one CronJob. */
  eventsOfCronJob(namespace: string, name: string): Promise<KubeObject[] | undefined> {
    const fieldSelector = `involvedObject.kind=CronJob,involvedObject.name=${name}`;
    return this.#try('events', () => this.#kube.list(EVENTS, { namespace, fieldSelector }));
  }

  /** What was reported in a namespace. */
  events(namespace: string): Promise<KubeObject[] | undefined> {
    return this.#once(`events of ${namespace}`, () => this.#kube.list(EVENTS, { namespace }), 'events');
  }

  log(namespace: string, pod: string, options: LogOptions): Promise<string | undefined> {
    return this.#try(`the log of pod/${pod}`, () => this.#kube.podLog(namespace, pod, options));
  }

  /** What could not be read, and why: a sentence each. */
  get unread(): string[] {
    return [...this.#unread].map(([what, why]) => `${what} could not be read: ${why}`);
  }

  #once(
    key: string,
    read: () => Promise<KubeObject[]>,
    what: string = key,
  ): Promise<KubeObject[] | undefined> {
    let list = this.#lists.get(key);
    if (list === undefined) {
      list = this.#try(what, read);
      this.#lists.set(key, list);
    }
    return list;
  }

  async #try<T>(what: string, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      this.#unread.set(what, error.message);
      return undefined;
    }
  }
}
