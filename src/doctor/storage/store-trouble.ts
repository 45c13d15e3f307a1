import type { StoreTrouble, TroubleKind } from '../../store/store-error.ts';
import type { Code } from '../catalogue.ts';

const CODES: Readonly<Record<TroubleKind, Code>> = {
  'container missing': 'MB370',
  denied: 'MB371',
  'other region': 'MB372',
  clock: 'MB373',
  'expired credentials': 'MB374',
  'no credentials': 'MB375',
  'refused credentials': 'MB376',
  unreachable: 'MB377',
  certificate: 'MB378',
  'checksum refused': 'MB379',
  'conditions refused': 'MB380',
  'not encrypted': 'MB381',
  'host key unknown': 'MB383',
  'host key changed': 'MB384',
  'key refused': 'MB385',
  'no login': 'MB386',
  'push denied': 'MB387',
  'push declined': 'MB388',
  'no repository': 'MB390',
  full: 'MB391',
  'no git': 'MB392',
  'no atomic push': 'MB393',
  'no git signature': 'MB394',
  'helper pod': 'MB369',
  'claim missing': 'MB395',
  'claim unbound': 'MB396',
  'claim held': 'MB397',
  'helper image': 'MB398',
  'claim denied': 'MB399',
};

/** The code of what keeps a store from being used. */
export function codeOfTrouble({ kind }: StoreTrouble): Code {
  return CODES[kind];
}
