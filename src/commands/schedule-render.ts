import { ExitCode } from '../errors/exit-code.ts';
import { toYaml } from '../model/json/yaml.ts';
import { type ScheduleObject, scheduleObjects } from '../model/schedule/schedule-objects.ts';
import { printableLine } from '../output/printable.ts';
import { roleYaml } from '../output/role-text.ts';
import { specOfSchedule } from '../schedule/spec-of-schedule.ts';
import type { WantedSchedule } from '../schedule/wanted-schedule.ts';
import type { CommandContext } from '../session/context.ts';

export const RENDER_FORMATS = ['yaml', 'json', 'helm-values'] as const;

export interface ScheduleRenderOptions extends WantedSchedule {
  /** helm-values: under extraDeploy, which many charts apply with a release (Bitnami's memcached among them). */
  output: (typeof RENDER_FORMATS)[number];
}

/** `schedule render`: prints the objects that `schedule install` would apply. Asks no cluster, writes nothing. */
export async function scheduleRender(
  options: ScheduleRenderOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { spec, notes } = await specOfSchedule(options, context, undefined);
  const objects = scheduleObjects(spec);
  for (const note of notes) context.io.warn(note);
  context.io.outText(rendered(objects, options.output));
  return ExitCode.ok;
}

function rendered(objects: readonly ScheduleObject[], output: ScheduleRenderOptions['output']): string {
  if (output === 'json') {
    const list = { apiVersion: 'v1', kind: 'List', items: objects.map(({ object }) => object) };
    return `${JSON.stringify(list, undefined, 2)}\n`;
  }
  if (output === 'helm-values') {
    const items = objects.map((each) => `  # ${printableLine(each.why)}\n${asItem(yamlOf(each))}`);
    return `extraDeploy:\n${items.join('')}`;
  }
  return objects.map((each) => `# ${printableLine(each.why)}\n${yamlOf(each)}`).join('---\n');
}

function yamlOf({ object, role }: ScheduleObject): string {
  return role === undefined ? toYaml(object) : roleYaml(role);
}

/** YAML as an item of a list that is indented by two. */
function asItem(yaml: string): string {
  return yaml.replaceAll(/^(?=.)/gm, '    ').replace(/^ {4}/, '  - ');
}
