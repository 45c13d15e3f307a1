import { isObject, isRawNumber, type Json, jsonEqual, stringAt } from '../json/json.ts';

/** One field that differs. `undefined` on a side: the field is not there. */
export interface FieldChange {
  /** As kubectl explain would name it, list items by their name: spec.template.spec.containers[memcached].args[1] */
  path: string;
  from: Json | undefined;
  to: Json | undefined;
}

/**
 * Fields that differ from `from` to `to`, in `from`'s order; lists of named things are matched by name. Where
 * such a list holds what it held in another order, its `[order]` changed: an env entry may build on those
 * before it, and init containers run one after the other.
 */
export function fieldChanges(from: Json | undefined, to: Json | undefined, path = ''): FieldChange[] {
  if (jsonEqual(from, to)) return [];
  if (isObject(from) && isObject(to)) {
    const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])];
    return keys.flatMap((key) => fieldChanges(own(from, key), own(to, key), joinPath(path, key)));
  }
  if (Array.isArray(from) && Array.isArray(to)) {
    const keyed = listKey(from, to);
    if (keyed !== undefined) {
      const namesOf = (list: Json[]): string[] => list.map((item) => stringAt(item, keyed) ?? '');
      const byName = (list: Json[], name: string): Json | undefined =>
        list.find((item) => stringAt(item, keyed) === name);
      const [before, after] = [namesOf(from), namesOf(to)];
      return [
        ...[...new Set([...before, ...after])].flatMap((name) =>
          fieldChanges(byName(from, name), byName(to, name), `${path}[${name}]`),
        ),
        ...orderChange(before, after, path),
      ];
    }
    const length = Math.max(from.length, to.length);
    return Array.from({ length }, (_, index) =>
      fieldChanges(from[index], to[index], `${path}[${index}]`),
    ).flat();
  }
  return [{ path, from, to }];
}

function orderChange(before: string[], after: string[], path: string): FieldChange[] {
  const from = before.filter((name) => after.includes(name));
  const to = after.filter((name) => before.includes(name));
  return jsonEqual(from, to) ? [] : [{ path: `${path}[order]`, from, to }];
}

/** The field that names each item of both lists, where every item has it and none twice. */
function listKey(a: Json[], b: Json[]): string | undefined {
  const unique = (list: Json[], key: string): boolean => {
    const names = list.map((item) => stringAt(item, key));
    return names.every((name) => name !== undefined) && new Set(names).size === names.length;
  };
  if (a.length + b.length === 0) return undefined;
  return ['name', 'mountPath', 'ip', 'key', 'type'].find((key) => unique(a, key) && unique(b, key));
}

function own(object: { [key: string]: Json }, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** `path.key`, or `path["odd key"]`. */
export function joinPath(path: string, key: string): string {
  if (/^[\w-]+$/.test(key)) return path === '' ? key : `${path}.${key}`;
  return `${path}[${JSON.stringify(key)}]`;
}

/** A value in one line, cut at 60 characters. */
export function shortValue(value: Json | undefined): string {
  if (value === undefined) return '(none)';
  const text = isRawNumber(value) ? value.rawJSON : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
