import { arrayAt, isObject, objectAt } from '../json/json.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import { podTemplateOf } from '../kubernetes/workload.ts';

/** What the CronJob of a schedule's drills is told. */
export interface DrillsOfSchedule {
  /** undefined: each release of the namespace. */
  release: string | undefined;
  /** The namespace that they are held in; undefined where it does not say. */
  into: string | undefined;
  /** --target, as it was given. */
  target: string | undefined;
}

/** Read off its arguments, as `schedule install --drill` writes them: each flag and its value a word. */
export function drillsOf(cronJob: KubeObject): DrillsOfSchedule {
  const [container] = arrayAt(objectAt(podTemplateOf(cronJob), 'spec'), 'containers').filter(isObject);
  const words = arrayAt(container, 'args').filter((word) => typeof word === 'string');
  const wordAfter = (flag: string): string | undefined => {
    const at = words.indexOf(flag);
    return at < 0 ? undefined : words[at + 1];
  };
  const [, first] = words;
  return {
    release: first === undefined || first.startsWith('-') ? undefined : first,
    into: wordAfter('--into'),
    target: wordAfter('--target'),
  };
}
